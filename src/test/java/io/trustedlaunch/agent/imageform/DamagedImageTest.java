package io.trustedlaunch.agent.imageform;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.imageform.ImageForm.Accepted;
import io.trustedlaunch.agent.imageform.ImageForm.Refused;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;

/**
 * Systematic damage: any bytes are accepted or refused, and quickly. With checksums computed again after the damage, so
 * that it gets past them, and without.
 */
@Timeout(120)
class DamagedImageTest {
    private static final int[] MASKS = {0x01, 0x80, 0xFF};

    private final Map<ImageFault, Integer> faults = new EnumMap<>(ImageFault.class);
    private int accepted;

    @AfterEach
    void report(TestInfo test) {
        System.out.println(test.getDisplayName() + ": accepted " + accepted + ", refused " + faults);
    }

    @Test
    void everyByteOfAQcow2() throws IOException {
        ByteBuffer image = Qcow2Fixture.valid();
        flipEach(image, IntStream.range(0, image.capacity()), bytes -> {});
    }

    @Test
    void everyLengthOfAQcow2() throws IOException {
        ByteBuffer image = Qcow2Fixture.valid();
        cutToEach(image, IntStream.range(0, Qcow2Fixture.COMPRESSED), bytes -> {});
    }

    @Test
    void everyByteOfTheTablesOfAVhd() throws IOException {
        ByteBuffer image = VhdFixture.dynamic();
        flipEach(image, IntStream.range(0, VhdFixture.BLOCK), VhdFixture::withChecksums);
        flipEach(image, IntStream.range(0, VhdFixture.BLOCK), bytes -> {});
        flipEach(image, IntStream.range(VhdFixture.FOOTER, VhdFixture.END), bytes -> {});
    }

    /** Dynamic only: a fixed VHD that is cut short is a raw disk. */
    @Test
    void everyLengthOfAVhd() throws IOException {
        ByteBuffer dynamic = VhdFixture.dynamic();
        cutToEach(dynamic, IntStream.range(0, VhdFixture.END), bytes -> {});
        // With a footer at each new end, so that the block is cut short.
        cutToEach(
                dynamic,
                IntStream.range(VhdFixture.BLOCK, VhdFixture.END).filter(length -> length % 64 == 0),
                VhdFixture::withChecksums);
    }

    @Test
    void everyByteOfTheTablesOfAVhdx() throws IOException {
        ByteBuffer image = VhdxFixture.valid();
        flipEach(image, tablesOfVhdx(), VhdxFixture::withChecksums);
        flipEach(image, tablesOfVhdx(), bytes -> {});
    }

    @Test
    void theLengthsOfAVhdxAroundEachOfItsParts() throws IOException {
        ByteBuffer image = VhdxFixture.valid();
        IntStream ends = IntStream.rangeClosed(0, VhdxFixture.END >> 16)
                .map(part -> part << 16)
                .flatMap(end -> IntStream.of(end - 1, end, end + 1, end + 4095, end + 4096))
                .filter(end -> end >= 0 && end < VhdxFixture.END);
        cutToEach(image, ends, bytes -> {});
    }

    private static IntStream tablesOfVhdx() {
        return IntStream.of(
                        0,
                        VhdxFixture.HEADER_1,
                        VhdxFixture.HEADER_2,
                        VhdxFixture.METADATA,
                        VhdxFixture.VALUES,
                        VhdxFixture.TABLE)
                .flatMap(start -> IntStream.range(start, start + 96));
    }

    private void flipEach(ByteBuffer image, IntStream places, Consumer<ByteBuffer> repair) throws IOException {
        for (int at : places.toArray()) {
            for (int mask : MASKS) {
                byte was = image.get(at);
                repair.accept(image.put(at, (byte) (was ^ mask)));
                count("byte " + at + " by " + mask, image);
                repair.accept(image.put(at, was));
            }
        }
    }

    private void cutToEach(ByteBuffer valid, IntStream lengths, Consumer<ByteBuffer> repair) throws IOException {
        int before = accepted;
        for (int length : lengths.toArray()) {
            ByteBuffer cut = ByteBuffer.allocate(length).order(valid.order()).put(0, valid, 0, length);
            repair.accept(cut);
            count("cut to " + length, cut);
        }
        assertThat(accepted).as("truncated images that are accepted").isEqualTo(before);
    }

    private void count(String what, ByteBuffer image) throws IOException {
        long start = System.nanoTime();
        switch (ImageInspector.inspect(BytesChannel.of(image))) {
            case Accepted ignored -> accepted++;
            case Refused refused -> faults.merge(refused.fault(), 1, Integer::sum);
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start)).as(what).isLessThan(Duration.ofSeconds(5));
    }
}
