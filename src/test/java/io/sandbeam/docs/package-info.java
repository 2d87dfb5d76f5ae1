/** What the README and the pipelines of this project promise, done word for word. */
package io.sandbeam.docs;
