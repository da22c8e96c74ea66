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
 * Damages that nobody thought of: whatever the bytes, the answer is one of two, and soon. With the sums made right after
 * the damage, so that it gets past them, and without.
 */
@Timeout(120)
class DamagedImageTest {
    private static final int[] MASKS = {0x01, 0x80, 0xFF};

    private final Map<ImageFault, Integer> faults = new EnumMap<>(ImageFault.class);
    private int accepted;

    @AfterEach
    void tell(TestInfo test) {
        System.out.println(test.getDisplayName() + ": accepted " + accepted + ", refused " + faults);
    }

    @Test
    void everyByteOfAQcow2() throws IOException {
        ByteBuffer image = Qcow2Draft.honest();
        flipEach(image, IntStream.range(0, image.capacity()), bytes -> {});
    }

    @Test
    void everyLengthOfAQcow2() throws IOException {
        ByteBuffer image = Qcow2Draft.honest();
        cutToEach(image, IntStream.range(0, Qcow2Draft.COMPRESSED), bytes -> {});
    }

    @Test
    void everyByteOfTheTablesOfAVhd() throws IOException {
        ByteBuffer image = VhdDraft.dynamic();
        flipEach(image, IntStream.range(0, VhdDraft.BLOCK), VhdDraft::sealed);
        flipEach(image, IntStream.range(0, VhdDraft.BLOCK), bytes -> {});
        flipEach(image, IntStream.range(VhdDraft.FOOTER, VhdDraft.END), bytes -> {});
    }

    /** Of a dynamic one: what is left of a fixed one is a raw disk. */
    @Test
    void everyLengthOfAVhd() throws IOException {
        ByteBuffer dynamic = VhdDraft.dynamic();
        cutToEach(dynamic, IntStream.range(0, VhdDraft.END), bytes -> {});
        // With a footer at each new end, the block is what is cut.
        cutToEach(
                dynamic,
                IntStream.range(VhdDraft.BLOCK, VhdDraft.END).filter(length -> length % 64 == 0),
                VhdDraft::sealed);
    }

    @Test
    void everyByteOfTheTablesOfAVhdx() throws IOException {
        ByteBuffer image = VhdxDraft.honest();
        flipEach(image, tablesOfVhdx(), VhdxDraft::sealed);
        flipEach(image, tablesOfVhdx(), bytes -> {});
    }

    @Test
    void theLengthsOfAVhdxAroundEachOfItsParts() throws IOException {
        ByteBuffer image = VhdxDraft.honest();
        IntStream ends = IntStream.rangeClosed(0, VhdxDraft.END >> 16)
                .map(part -> part << 16)
                .flatMap(end -> IntStream.of(end - 1, end, end + 1, end + 4095, end + 4096))
                .filter(end -> end >= 0 && end < VhdxDraft.END);
        cutToEach(image, ends, bytes -> {});
    }

    private static IntStream tablesOfVhdx() {
        return IntStream.of(
                        0,
                        VhdxDraft.HEADER_1,
                        VhdxDraft.HEADER_2,
                        VhdxDraft.METADATA,
                        VhdxDraft.VALUES,
                        VhdxDraft.TABLE)
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

    private void cutToEach(ByteBuffer honest, IntStream lengths, Consumer<ByteBuffer> repair) throws IOException {
        int before = accepted;
        for (int length : lengths.toArray()) {
            ByteBuffer cut = ByteBuffer.allocate(length).order(honest.order()).put(0, honest, 0, length);
            repair.accept(cut);
            count("cut to " + length, cut);
        }
        assertThat(accepted).as("nothing that was cut is accepted").isEqualTo(before);
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
