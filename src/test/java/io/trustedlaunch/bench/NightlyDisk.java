package io.trustedlaunch.bench;

import io.trustedlaunch.backup.Geometry;
import io.trustedlaunch.backup.pack.DiskSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;

/** A sparse raw disk that is written to between backups, and which knows what was written, as QEMU does. */
final class NightlyDisk implements DiskSource {
    private static final int PAGE = 4096;
    private static final int SCATTERED_BYTES = 64 << 10;
    private static final int SEQUENTIAL_BYTES = 1 << 20;
    private static final long SEED = 7;

    private final Path file;
    private final long bytes;
    private final int usedPages;
    private final Random random = new Random(SEED);
    private final BitSet changedPages = new BitSet();
    /** The night of each page's last write. */
    private final int[] written;

    private int sequentialPage;

    /** @param used bytes at its beginning, which are written to; the others stay a hole */
    NightlyDisk(Path file, long bytes, long used) throws IOException {
        this.file = file;
        this.bytes = bytes;
        this.usedPages = (int) (used / PAGE);
        this.written = new int[usedPages];
        try (FileChannel disk = FileChannel.open(
                file, StandardOpenOption.CREATE_NEW, StandardOpenOption.SPARSE, StandardOpenOption.WRITE)) {
            for (long at = 0; at < used; at += SEQUENTIAL_BYTES) {
                write(disk, (int) (at / PAGE), SEQUENTIAL_BYTES / PAGE, 0);
            }
            disk.write(ByteBuffer.wrap(new byte[1]), bytes - 1);
        }
    }

    /** What a guest writes in a day: at any of its file system's blocks, and as a log that begins anew at its end. */
    void write(int night, int scattered, int sequentialMebibytes) throws IOException {
        changedPages.clear();
        try (FileChannel disk = FileChannel.open(file, StandardOpenOption.WRITE)) {
            int pages = SCATTERED_BYTES / PAGE;
            for (int one = 0; one < scattered; one++) {
                write(disk, random.nextInt(usedPages - pages), pages, night);
            }
            for (int one = 0; one < sequentialMebibytes; one++) {
                write(disk, sequentialPage, SEQUENTIAL_BYTES / PAGE, night);
                sequentialPage = (sequentialPage + SEQUENTIAL_BYTES / PAGE) % usedPages;
            }
        }
    }

    /** Nothing that any program could make smaller. */
    private void write(FileChannel disk, int page, int pages, int night) throws IOException {
        byte[] content = new byte[pages * PAGE];
        random.nextBytes(content);
        ByteBuffer left = ByteBuffer.wrap(content);
        while (left.hasRemaining()) {
            disk.write(left, (long) page * PAGE + left.position());
        }
        Arrays.fill(written, page, page + pages, night);
        changedPages.set(page, page + pages);
    }

    /** Of each page, when what it has was written. */
    int[] versions() {
        return written.clone();
    }

    /** What is different in any of these, once. */
    static long liveBytes(Collection<int[]> versions) {
        int pages = versions.iterator().next().length;
        return PAGE
                * IntStream.range(0, pages)
                        .mapToLong(page -> {
                            Set<Integer> nights = new HashSet<>();
                            versions.forEach(one -> nights.add(one[page]));
                            return nights.size();
                        })
                        .sum();
    }

    @Override
    public long bytes() {
        return bytes;
    }

    /** In the first night everything was written, as nothing is known of before. */
    @Override
    public Wanted wanted(Geometry geometry) {
        BitSet blocks = new BitSet();
        changedPages.stream().forEach(page -> blocks.set((int) ((long) page * PAGE / geometry.blockBytes())));
        return new Wanted(blocks, false);
    }

    @Override
    public Reader open() throws IOException {
        FileChannel disk = FileChannel.open(file);
        return new Reader() {
            @Override
            public void read(long offset, ByteBuffer into) throws IOException {
                long at = offset;
                while (into.hasRemaining()) {
                    at += disk.read(into, at);
                }
            }

            @Override
            public void close() throws IOException {
                disk.close();
            }
        };
    }
}
