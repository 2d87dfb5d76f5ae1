/**
 * A Beam YAML file becomes transforms on a Beam {@link org.apache.beam.sdk.Pipeline}, in Java
 * alone.
 *
 * <p>What lives here: reading the file with the place of every word in it, the types a file may
 * name, and the rows they read and write. A file is a Beam YAML document, not a dialect; what is
 * not run here is refused with the line it stands on. No command runs here and nothing is printed:
 * {@code SandboxExec} is found, like any schema transform, by its identifier on the class path.
 *
 * <p>The way of one file: text, variables filled in ({@code Template}) → nodes that know their
 * place ({@code YamlReader}) → steps ({@code StepParser}) → steps whose inputs are known ({@code
 * Wiring}) → transforms ({@code Composite}).
 */
package io.sandbeam.yaml;
