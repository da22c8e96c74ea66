package io.trustedlaunch.agent.backup;

import io.trustedlaunch.agent.nbd.NbdClient;
import io.trustedlaunch.agent.nbd.NbdContext;
import io.trustedlaunch.agent.nbd.NbdExtent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** A trial of the next data path: dirty extents in slots of 4 MiB, sealed as segments into packs of 64 MiB. */
final class SegmentPath {
    static final int BLOCK = 64 << 10;
    static final int SLOT = 64 * BLOCK;
    static final long PACK = 64L << 20;
    private static final Slot END = new Slot(-1, 0);

    /** @param blocks a bit for each 64 KiB that is to be read */
    record Slot(long number, long blocks) {}

    /** @param blocks a bit for each 64 KiB that is stored; the others that were read are zero */
    record Segment(long slot, long read, long blocks, Stored stored, byte[] keyed) {
        int length() {
            return stored.length();
        }
    }

    /** Where a segment is in a pack, sealed, and its digest. */
    record Stored(int pack, long offset, int length, byte[] sha256) {
        static final Stored NOTHING = new Stored(-1, 0, 0, new byte[0]);
    }

    private final Path socket;
    private final String export;
    private final Optional<String> bitmap;
    private final Path folder;
    private final byte[] key;
    private final boolean keyed;
    private final List<Segment> segments = Collections.synchronizedList(new ArrayList<>());
    private final AtomicInteger packs = new AtomicInteger();
    final AtomicLong readBytes = new AtomicLong();
    final AtomicLong storedBytes = new AtomicLong();

    SegmentPath(Path socket, String export, Optional<String> bitmap, Path folder, byte[] key, boolean keyed) {
        this.socket = socket;
        this.export = export;
        this.bitmap = bitmap;
        this.folder = folder;
        this.key = key;
        this.keyed = keyed;
    }

    List<Segment> run(int workers) throws Exception {
        BlockingQueue<Slot> slots = new ArrayBlockingQueue<>(64);
        try (ExecutorService pool = Executors.newFixedThreadPool(workers + 1)) {
            List<Future<?>> all = new ArrayList<>();
            all.add(pool.submit(() -> {
                plan(slots);
                for (int worker = 0; worker < workers; worker++) {
                    slots.put(END);
                }
                return null;
            }));
            for (int worker = 0; worker < workers; worker++) {
                all.add(pool.submit(() -> {
                    new Worker().work(slots);
                    return null;
                }));
            }
            for (Future<?> one : all) {
                one.get();
            }
        }
        try (FileChannel dir = FileChannel.open(folder)) {
            dir.force(true);
        }
        return segments;
    }

    private void plan(BlockingQueue<Slot> slots) throws IOException, InterruptedException {
        List<String> contexts = new ArrayList<>(List.of(NbdContext.ALLOCATION));
        bitmap.map(NbdContext::dirtyBitmap).ifPresent(contexts::add);
        try (NbdClient client = NbdClient.open(socket, export, contexts)) {
            long at = 0;
            long slot = 0;
            long blocks = 0;
            while (at < client.bytes()) {
                int length = (int) Math.min(client.bytes() - at, 32 << 20);
                List<NbdExtent> wanted = client.status(at, length).getLast();
                for (NbdExtent extent : wanted) {
                    boolean read = bitmap.isPresent() ? extent.has(NbdContext.DIRTY) : !extent.has(NbdContext.ZERO);
                    at = extent.end();
                    if (!read) {
                        continue;
                    }
                    for (long block = extent.offset() / BLOCK; block * BLOCK < extent.end(); block++) {
                        if (block / 64 != slot && blocks != 0) {
                            slots.put(new Slot(slot, blocks));
                            blocks = 0;
                        }
                        slot = block / 64;
                        blocks |= 1L << (block % 64);
                    }
                }
            }
            if (blocks != 0) {
                slots.put(new Slot(slot, blocks));
            }
        }
    }

    private final class Worker {
        private final ByteBuffer plain = ByteBuffer.allocate(SLOT).order(ByteOrder.nativeOrder());
        private final byte[] sealed = new byte[SLOT];
        private FileChannel pack;
        private int packNumber;
        private long packBytes;
        private Cipher cipher;
        private Mac mac;

        void work(BlockingQueue<Slot> slots) throws Exception {
            try (NbdClient client = NbdClient.open(socket, export, List.of())) {
                for (Slot slot = slots.take(); slot != END; slot = slots.take()) {
                    save(client, slot);
                }
            }
            endPack();
        }

        private void save(NbdClient client, Slot slot) throws Exception {
            long start = slot.number() * SLOT;
            int stored = 0;
            long blocks = 0;
            for (int block = 0; block < 64; ) {
                if ((slot.blocks() >>> block & 1) == 0) {
                    block++;
                    continue;
                }
                int run = block;
                while (run < 64 && (slot.blocks() >>> run & 1) == 1) {
                    run++;
                }
                long from = start + (long) block * BLOCK;
                long to = Math.min(start + (long) run * BLOCK, client.bytes());
                int base = stored;
                plain.clear().position(stored).limit(stored + (int) (to - from));
                client.read(from, plain);
                readBytes.addAndGet(to - from);
                // Zeros go; the rest moves together.
                for (int one = block; one < run; one++) {
                    int offset = base + (one - block) * BLOCK;
                    int length = (int) Math.min(BLOCK, to - (start + (long) one * BLOCK));
                    if (!isZero(offset, length)) {
                        if (offset != stored) {
                            System.arraycopy(plain.array(), offset, plain.array(), stored, length);
                        }
                        stored += length;
                        blocks |= 1L << one;
                    }
                }
                block = run;
            }
            byte[] keyedDigest = keyed ? mac(stored) : null;
            if (stored == 0) {
                segments.add(new Segment(slot.number(), slot.blocks(), 0, Stored.NOTHING, keyedDigest));
                return;
            }
            if (pack == null || packBytes + stored > PACK) {
                endPack();
                beginPack();
            }
            int length = update(cipher, plain.array(), stored, sealed);
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(sealed, 0, length);
            Stored where = new Stored(packNumber, packBytes, length, digest.digest());
            segments.add(new Segment(slot.number(), slot.blocks(), blocks, where, keyedDigest));
            ByteBuffer out = ByteBuffer.wrap(sealed, 0, length);
            while (out.hasRemaining()) {
                pack.write(out);
            }
            packBytes += length;
            storedBytes.addAndGet(length);
        }

        private byte[] mac(int length) throws GeneralSecurityException {
            if (mac == null) {
                mac = Mac.getInstance("HmacSHA256");
                mac.init(new SecretKeySpec(key, "HmacSHA256"));
            }
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(plain.array(), 0, length);
            return mac.doFinal(digest.digest());
        }

        private boolean isZero(int offset, int length) {
            int at = offset;
            int end = offset + length;
            for (; at + 8 <= end; at += 8) {
                if (plain.getLong(at) != 0) {
                    return false;
                }
            }
            for (; at < end; at++) {
                if (plain.get(at) != 0) {
                    return false;
                }
            }
            return true;
        }

        private void beginPack() throws Exception {
            packNumber = packs.getAndIncrement();
            packBytes = 0;
            pack = FileChannel.open(
                    folder.resolve("pack-" + packNumber), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            cipher = cipher(Cipher.ENCRYPT_MODE, packNumber, 0);
        }

        private void endPack() throws IOException {
            if (pack != null) {
                pack.force(true);
                pack.close();
                pack = null;
            }
        }
    }

    /** In pieces: the JVM's intrinsic comes late, and not within one call. */
    private static int update(Cipher cipher, byte[] from, int length, byte[] to) throws GeneralSecurityException {
        int done = 0;
        for (int at = 0; at < length; at += 64 << 10) {
            done += cipher.update(from, at, Math.min(64 << 10, length - at), to, done);
        }
        return done;
    }

    private Cipher cipher(int mode, int pack, long offset) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        byte[] packKey = mac.doFinal(ByteBuffer.allocate(4).putInt(pack).array());
        Cipher cipher = Cipher.getInstance("AES/CTR/NoPadding");
        ByteBuffer counter = ByteBuffer.allocate(16).putLong(0).putLong(offset / 16);
        cipher.init(mode, new SecretKeySpec(packKey, "AES"), new IvParameterSpec(counter.array()));
        if (offset % 16 != 0) {
            cipher.update(new byte[(int) (offset % 16)]);
        }
        return cipher;
    }

    /** Writes what was saved into a sparse file, each segment checked before it is opened. */
    void restore(List<Segment> saved, Path disk, long bytes, int workers) throws Exception {
        try (FileChannel target = FileChannel.open(disk, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                ExecutorService pool = Executors.newFixedThreadPool(workers)) {
            target.truncate(0);
            AtomicInteger next = new AtomicInteger();
            List<Segment> ordered = saved.stream()
                    .filter(one -> one.length() > 0)
                    .sorted(Comparator.comparingInt(
                                    (Segment one) -> one.stored().pack())
                            .thenComparingLong(one -> one.stored().offset()))
                    .toList();
            List<Future<?>> all = new ArrayList<>();
            for (int worker = 0; worker < workers; worker++) {
                all.add(pool.submit(() -> {
                    byte[] sealed = new byte[SLOT];
                    byte[] plain = new byte[SLOT];
                    for (int i = next.getAndIncrement(); i < ordered.size(); i = next.getAndIncrement()) {
                        open(ordered.get(i), sealed, plain, target, bytes);
                    }
                    return null;
                }));
            }
            for (Future<?> one : all) {
                one.get();
            }
            if (target.size() < bytes) {
                target.write(ByteBuffer.wrap(new byte[1]), bytes - 1);
            }
            target.force(true);
        }
    }

    private void open(Segment segment, byte[] sealed, byte[] plain, FileChannel target, long bytes) throws Exception {
        try (FileChannel pack =
                FileChannel.open(folder.resolve("pack-" + segment.stored().pack()))) {
            ByteBuffer in = ByteBuffer.wrap(sealed, 0, segment.length());
            while (in.hasRemaining()) {
                pack.read(in, segment.stored().offset() + in.position());
            }
        }
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        digest.update(sealed, 0, segment.length());
        if (!MessageDigest.isEqual(digest.digest(), segment.stored().sha256())) {
            throw new UncheckedIOException(new IOException("damaged"));
        }
        update(
                cipher(
                        Cipher.DECRYPT_MODE,
                        segment.stored().pack(),
                        segment.stored().offset()),
                sealed,
                segment.length(),
                plain);
        int at = 0;
        for (int block = 0; block < 64; ) {
            if ((segment.blocks() >>> block & 1) == 0) {
                block++;
                continue;
            }
            int run = block;
            while (run < 64 && (segment.blocks() >>> run & 1) == 1) {
                run++;
            }
            long from = segment.slot() * SLOT + (long) block * BLOCK;
            int length = (int) (Math.min(segment.slot() * SLOT + (long) run * BLOCK, bytes) - from);
            ByteBuffer out = ByteBuffer.wrap(plain, at, length);
            while (out.hasRemaining()) {
                from += target.write(out, from);
            }
            at += length;
            block = run;
        }
    }
}
