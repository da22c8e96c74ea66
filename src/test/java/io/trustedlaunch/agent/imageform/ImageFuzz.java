package io.trustedlaunch.agent.imageform;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.trustedlaunch.agent.imageform.ImageForm.Accepted;
import io.trustedlaunch.agent.imageform.ImageForm.Refused;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Run by {@code bin/fuzz}: whatever a file's bytes are, the answer is one of two. */
class ImageFuzz {
    @FuzzTest
    void anyBytes(byte[] bytes) throws IOException {
        inspect(ByteBuffer.wrap(bytes));
    }

    @FuzzTest
    void aQcow2(byte[] bytes) throws IOException {
        inspect(FuzzedChanges.of(Qcow2Draft.honest(), bytes, 0, Qcow2Draft.REFCOUNT_TABLE, Qcow2Draft.L1));
    }

    @FuzzTest
    void aVhdWithRightSums(byte[] bytes) throws IOException {
        inspect(VhdDraft.sealed(FuzzedChanges.of(VhdDraft.dynamic(), bytes, 0, VhdDraft.HEADER, VhdDraft.TABLE)));
    }

    @FuzzTest
    void aVhdxWithRightSums(byte[] bytes) throws IOException {
        inspect(VhdxDraft.sealed(FuzzedChanges.of(
                VhdxDraft.honest(),
                bytes,
                VhdxDraft.HEADER_1,
                VhdxDraft.HEADER_2,
                VhdxDraft.REGIONS_1,
                VhdxDraft.METADATA,
                VhdxDraft.VALUES,
                VhdxDraft.TABLE)));
    }

    private static void inspect(ByteBuffer image) throws IOException {
        switch (ImageInspector.inspect(BytesChannel.of(image))) {
            case Accepted accepted -> assertThat(accepted.virtualBytes()).isBetween(1L, ImageInspector.MAX_DISK_BYTES);
            case Refused refused -> assertThat(refused.fault().words()).isNotEmpty();
        }
    }
}
