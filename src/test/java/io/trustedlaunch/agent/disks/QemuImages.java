package io.trustedlaunch.agent.disks;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.process.Command;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Images made by the host's qemu-img. */
public final class QemuImages {
    /** Not a multiple of a VHD's cylinders, so that its geometry is rounded. */
    public static final long BYTES = (8L << 20) + 3 * 512;

    private static final int HEADER_LENGTH_AT = 100;
    private static final int BITMAPS = 0x23852875;

    private QemuImages() {}

    /** A format with options. */
    public record Form(String format, String options) {
        public static List<Form> all() {
            return List.of(
                    new Form("raw", ""),
                    new Form("qcow2", "compat=1.1"),
                    new Form("qcow2", "compat=0.10"),
                    new Form("qcow2", "cluster_size=512"),
                    new Form("qcow2", "cluster_size=2M"),
                    new Form("qcow2", "preallocation=metadata"),
                    new Form("qcow2", "refcount_bits=1,lazy_refcounts=on"),
                    new Form("qcow2 -c", "compat=1.1"),
                    new Form("qcow2 -c", "compression_type=zstd"),
                    new Form("vpc", "subformat=dynamic,force_size=on"),
                    new Form("vpc", "subformat=fixed,force_size=on"),
                    new Form("vhdx", "subformat=dynamic"),
                    new Form("vhdx", "subformat=fixed"),
                    new Form("vhdx", "block_size=32M"));
        }

        public void make(Path disk, Path image) {
            List<String> arguments = new ArrayList<>(List.of("convert", "-f", "raw", "-O"));
            arguments.addAll(List.of(format.split(" ")));
            if (!options.isEmpty()) {
                arguments.addAll(List.of("-o", options));
            }
            arguments.addAll(List.of(disk.toString(), image.toString()));
            qemuImg(arguments.toArray(String[]::new));
        }
    }

    /** A raw disk with a boot sector and some noise, and holes between. */
    public static Path disk(Path file) throws IOException {
        Random noise = new Random(7);
        byte[] some = new byte[100_000];
        try (RandomAccessFile disk = new RandomAccessFile(file.toFile(), "rw")) {
            disk.setLength(BYTES);
            for (long at : new long[] {0, 3 << 20, BYTES - some.length}) {
                noise.nextBytes(some);
                disk.seek(at);
                disk.write(some);
            }
            disk.seek(510);
            disk.write(new byte[] {0x55, (byte) 0xAA});
        }
        return file;
    }

    /** As a QEMU leaves bitmaps whose power is cut. Takes their numbers. */
    static void leaveInUse(Path disk, int... bitmaps) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(disk.toFile(), "rw")) {
            file.seek(HEADER_LENGTH_AT);
            long at = file.readInt();
            for (file.seek(at); file.readInt() != BITMAPS; file.seek(at)) {
                at += 8 + Math.ceilDiv(file.readInt(), 8) * 8L;
            }
            file.seek(at + 24);
            long entry = file.readLong();
            for (int bitmap = 0, marked = 0; marked < bitmaps.length; bitmap++) {
                file.seek(entry + 12);
                int flags = file.readInt();
                if (bitmap == bitmaps[marked]) {
                    file.seek(entry + 12);
                    file.writeInt(flags | 1);
                    marked++;
                }
                file.seek(entry + 18);
                int name = file.readUnsignedShort();
                entry += Math.ceilDiv(24 + file.readInt() + name, 8) * 8L;
            }
        }
    }

    public static Command.Result run(String... arguments) {
        String[] command = new String[arguments.length + 1];
        command[0] = "qemu-img";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        return Command.of(Duration.ofSeconds(30), command).run();
    }

    public static void qemuImg(String... arguments) {
        Command.Result result = run(arguments);
        assertThat(result.succeeded()).as(result.output()).isTrue();
    }
}
