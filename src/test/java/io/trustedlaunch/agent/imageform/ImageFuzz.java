package io.trustedlaunch.agent.imageform;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.trustedlaunch.agent.imageform.ImageForm.Accepted;
import io.trustedlaunch.agent.imageform.ImageForm.Refused;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Run by {@code bin/fuzz}: any bytes are accepted or refused. */
class ImageFuzz {
    @FuzzTest
    void anyBytes(byte[] bytes) throws IOException {
        inspect(ByteBuffer.wrap(bytes));
    }

    @FuzzTest
    void aQcow2(byte[] bytes) throws IOException {
        inspect(FuzzedChanges.of(Qcow2Fixture.valid(), bytes, 0, Qcow2Fixture.REFCOUNT_TABLE, Qcow2Fixture.L1));
    }

    @FuzzTest
    void aVhdWithValidChecksums(byte[] bytes) throws IOException {
        inspect(VhdFixture.withChecksums(
                FuzzedChanges.of(VhdFixture.dynamic(), bytes, 0, VhdFixture.HEADER, VhdFixture.TABLE)));
    }

    @FuzzTest
    void aVhdxWithValidChecksums(byte[] bytes) throws IOException {
        inspect(VhdxFixture.withChecksums(FuzzedChanges.of(
                VhdxFixture.valid(),
                bytes,
                VhdxFixture.HEADER_1,
                VhdxFixture.HEADER_2,
                VhdxFixture.REGIONS_1,
                VhdxFixture.METADATA,
                VhdxFixture.VALUES,
                VhdxFixture.TABLE)));
    }

    private static void inspect(ByteBuffer image) throws IOException {
        switch (ImageInspector.inspect(BytesChannel.of(image))) {
            case Accepted accepted -> assertThat(accepted.virtualBytes()).isBetween(1L, ImageInspector.MAX_DISK_BYTES);
            case Refused refused -> assertThat(refused.fault().message()).isNotEmpty();
        }
    }
}
