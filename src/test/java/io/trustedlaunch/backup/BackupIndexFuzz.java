package io.trustedlaunch.backup;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Run by {@code bin/fuzz}: whatever a store returns as an index is read, or refused with its reason. */
class BackupIndexFuzz {
    @FuzzTest
    void anyBytes(byte[] bytes) {
        switch (BackupIndex.parse(bytes)) {
            case BackupIndex.Opening.Opened(BackupIndex index) ->
                assertThat(index.encoded()).isEqualTo(bytes);
            case BackupIndex.Opening.Refused(BackupFault fault, String message) ->
                assertThat(message).isNotEmpty();
        }
    }
}
