package io.trustedlaunch.agent.imageform;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * One case of a table.
 *
 * @param what was done to an honest image, or what the file is instead
 */
record HostileImage(ImageFault fault, String what, ByteBuffer bytes) {
    static HostileImage qcow2(ImageFault fault, String what, Consumer<ByteBuffer> change) {
        ByteBuffer image = Qcow2Draft.honest();
        change.accept(image);
        return new HostileImage(fault, "qcow2: " + what, image);
    }

    static HostileImage fixedVhd(ImageFault fault, String what, Consumer<ByteBuffer> change) {
        ByteBuffer image = VhdDraft.fixed();
        change.accept(image);
        VhdDraft.sum(image, VhdDraft.BLOCK_BYTES, 512, VhdDraft.CHECKSUM);
        return new HostileImage(fault, "fixed VHD: " + what, image);
    }

    /** Its sums and the second footer are made right after the change. */
    static HostileImage vhd(ImageFault fault, String what, Consumer<ByteBuffer> change) {
        ByteBuffer image = VhdDraft.dynamic();
        change.accept(image);
        return new HostileImage(fault, "VHD: " + what, VhdDraft.sealed(image));
    }

    static HostileImage unsealedVhd(ImageFault fault, String what, Consumer<ByteBuffer> change) {
        ByteBuffer image = VhdDraft.dynamic();
        change.accept(image);
        return new HostileImage(fault, "VHD: " + what, image);
    }

    /** Its sums and the second table of regions are made right after the change. */
    static HostileImage vhdx(ImageFault fault, String what, Consumer<ByteBuffer> change) {
        ByteBuffer image = VhdxDraft.honest();
        change.accept(image);
        return new HostileImage(fault, "VHDX: " + what, VhdxDraft.sealed(image));
    }

    static HostileImage unsealedVhdx(ImageFault fault, String what, Consumer<ByteBuffer> change) {
        ByteBuffer image = VhdxDraft.honest();
        change.accept(image);
        return new HostileImage(fault, "VHDX: " + what, image);
    }

    /** A raw disk with a boot sector that begins otherwise. */
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
