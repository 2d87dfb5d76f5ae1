package io.sandbeam.service.local;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import java.util.List;
import org.junit.jupiter.api.Test;

class SharedMemoryTest {
  private static final String GOOD = "tmpfs /dev/shm tmpfs rw,nosuid,nodev 0 0";

  @Test
  void givenMemory_thenItIsUsed() {
    assertThat(SharedMemory.isExecutableMemory(List.of("proc /proc proc rw 0 0", GOOD)), is(true));
  }

  @Test
  void givenMountFromWhichNothingMayStart_thenItIsNotUsed() {
    assertThat(
        SharedMemory.isExecutableMemory(List.of("shm /dev/shm tmpfs rw,noexec,size=64k 0 0")),
        is(false));
  }

  @Test
  void givenMountOnTop_thenItCounts() {
    assertThat(
        SharedMemory.isExecutableMemory(List.of(GOOD, "/dev/sda /dev/shm ext4 rw 0 0")), is(false));
  }

  @Test
  void givenNone_thenItIsNotUsed() {
    assertThat(SharedMemory.isExecutableMemory(List.of("tmpfs /run tmpfs rw 0 0")), is(false));
  }
}
