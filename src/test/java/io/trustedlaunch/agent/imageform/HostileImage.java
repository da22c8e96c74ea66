package io.trustedlaunch.agent.imageform;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * An image that must be refused.
 *
 * @param what was changed in a valid image, or what the file is instead
 */
record HostileImage(ImageFault fault, String what, ByteBuffer bytes) {
    static HostileImage qcow2(ImageFault fault, String what, Consumer<ByteBuffer> change) {
        ByteBuffer image = Qcow2Fixture.valid();
        change.accept(image);
        return new HostileImage(fault, "qcow2: " + what, image);
    }

    static HostileImage fixedVhd(ImageFault fault, String what, Consumer<ByteBuffer> change) {
        ByteBuffer image = VhdFixture.fixed();
        change.accept(image);
        VhdFixture.putChecksum(image, VhdFixture.BLOCK_BYTES, 512, VhdFixture.CHECKSUM);
        return new HostileImage(fault, "fixed VHD: " + what, image);
    }

    /** Checksums and the second footer are written again after the change. */
    static HostileImage vhd(ImageFault fault, String what, Consumer<ByteBuffer> change) {
        ByteBuffer image = VhdFixture.dynamic();
        change.accept(image);
        return new HostileImage(fault, "VHD: " + what, VhdFixture.withChecksums(image));
    }

    static HostileImage vhdWithoutNewChecksums(ImageFault fault, String what, Consumer<ByteBuffer> change) {
        ByteBuffer image = VhdFixture.dynamic();
        change.accept(image);
        return new HostileImage(fault, "VHD: " + what, image);
    }

    /** Checksums and the second region table are written again after the change. */
    static HostileImage vhdx(ImageFault fault, String what, Consumer<ByteBuffer> change) {
        ByteBuffer image = VhdxFixture.valid();
        change.accept(image);
        return new HostileImage(fault, "VHDX: " + what, VhdxFixture.withChecksums(image));
    }

    static HostileImage vhdxWithoutNewChecksums(ImageFault fault, String what, Consumer<ByteBuffer> change) {
        ByteBuffer image = VhdxFixture.valid();
        change.accept(image);
        return new HostileImage(fault, "VHDX: " + what, image);
    }

    /** A raw disk with a boot sector and the given text. */
    static HostileImage raw(ImageFault fault, String start, int at) {
        ByteBuffer image = bootable();
        return new HostileImage(
                fault, "raw: " + fault + " " + start.strip(), image.put(at, start.getBytes(ISO_8859_1)));
    }

    static ByteBuffer bootable() {
        return ByteBuffer.allocate(1 << 16).putShort(510, (short) 0x55AA);
    }

    HostileImage cutTo(int size) {
        return new HostileImage(fault, what, bytes.slice(0, size).order(bytes.order()));
    }
}
