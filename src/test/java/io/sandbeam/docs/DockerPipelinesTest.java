package io.sandbeam.docs;

import io.sandbeam.testing.TestEngine;

/** The pipelines, unchanged, in containers of an image with Python. */
class DockerPipelinesTest extends PipelinesContract {

  @Override
  String service() {
    return " --service="
        + TestEngine.DOCKER.address()
        + " --serviceSetting=pull=never --serviceSetting=image="
        + TestEngine.DEBIAN;
  }
}
