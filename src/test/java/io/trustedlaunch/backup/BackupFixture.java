package io.trustedlaunch.backup;

import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.image.Provenance;
import io.trustedlaunch.api.image.RecordedImage;
import io.trustedlaunch.backup.folder.MemoryDisk;
import io.trustedlaunch.custody.BackupDescriptionKey;
import io.trustedlaunch.custody.ProtectionKey;
import io.trustedlaunch.testkit.GuestImages;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.UnaryOperator;

/** Backups with small files on a disk in memory. The same seed makes the same files. */
public final class BackupFixture {
    public static final RecordedImage IMAGE =
            new RecordedImage(GuestImages.NAME, GuestImages.DIGEST, Provenance.Signed);

    public static final UUID VM = UUID.fromString("3e0a6c1c-6f0e-4a53-9d1b-0b6d5f6c7a11");
    static final UUID OTHER_VM = UUID.fromString("b5f3a8de-1c1b-4a44-8a0f-6c6a1e0d9f22");

    /** Where the header of a qcow2 file has the size of the disk. */
    private static final int QCOW2_SIZE = 24;

    public final MemoryDisk disk = new MemoryDisk().marked();
    public final BackupStore store = disk.store();
    public final SecureRandom random;
    public final ProtectionKey key;
    private final Random content;

    public BackupFixture(long seed) {
        try {
            random = SecureRandom.getInstance("SHA1PRNG");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
        random.setSeed(seed);
        content = new Random(seed);
        key = ProtectionKey.generate(random);
    }

    /** Never the same UID twice, and the same ones for the same number. */
    static UUID backup(int number) {
        return new UUID(0x4000, 0x8000000000000000L | number);
    }

    BackupDescriptionKey descriptionKey() {
        return key.backupDescriptionKey(VM);
    }

    /** Of two disks, with content of its own. */
    BackupIndex make(UUID vm, int number, BackupIndex parent) {
        Map<String, byte[]> files = new TreeMap<>();
        files.put(BackupFileName.ROOT_DISK, bytes(3000));
        files.put(BackupFileName.ofDataDisk("data"), bytes(1000));
        files.put(BackupFileName.GUEST_STATE, bytes(700));
        files.put(BackupFileName.RECOVERY_ESCROW, bytes(300));
        return make(vm, number, parent == null ? null : parentOf(parent), files, key);
    }

    BackupIndex make(
            UUID vm, int number, BackupIndex.Parent parent, Map<String, byte[]> files, ProtectionKey protection) {
        return make(vm, number, parent, files, protection, 128L << 30);
    }

    /** @param virtualBytes of each disk */
    public BackupIndex make(
            UUID vm,
            int number,
            BackupIndex.Parent parent,
            Map<String, byte[]> files,
            ProtectionKey protection,
            long virtualBytes) {
        return make(vm, number, parent, files, protection, description -> description, virtualBytes);
    }

    /** Of a root disk and a guest state. */
    public BackupIndex make(UUID vm, int number, byte[] disk, GuestStateVersion version, byte[] state) {
        Map<String, byte[]> files = new TreeMap<>();
        files.put(BackupFileName.ROOT_DISK, disk);
        files.put(BackupFileName.GUEST_STATE, state);
        return make(
                vm,
                number,
                null,
                files,
                key,
                description -> description.epoch(version.epoch()).guestState(version),
                ByteBuffer.wrap(disk).getLong(QCOW2_SIZE));
    }

    private BackupIndex make(
            UUID vm,
            int number,
            BackupIndex.Parent parent,
            Map<String, byte[]> files,
            ProtectionKey protection,
            UnaryOperator<BackupDescriptionBuilder> change,
            long virtualBytes) {
        BackupContent contents = new BackupContent(
                backup(number),
                vm,
                protection.keyId(),
                parent,
                files.entrySet().stream()
                        .map(file -> entry(file.getKey(), file.getValue()))
                        .toList());
        byte[] description;
        try (BackupDescriptionKey sealing = protection.backupDescriptionKey(vm)) {
            description = SealedDescription.seal(
                    change.apply(describe(contents, virtualBytes)).build(), sealing, random);
        }
        files.put(BackupFileName.DESCRIPTION, description);
        BackupIndex index = contents.index(entry(BackupFileName.DESCRIPTION, description));
        files.forEach((name, file) -> write(index.id(), name, file));
        commit(index);
        return index;
    }

    void commit(BackupIndex index) {
        try {
            store.commit(index.id(), index.encoded());
        } catch (BackupStoreException e) {
            throw new UncheckedIOException(e);
        }
    }

    static BackupDescriptionBuilder describe(BackupContent contents) {
        return describe(contents, 128L << 30);
    }

    private static BackupDescriptionBuilder describe(BackupContent contents, long virtualBytes) {
        return BackupDescriptionBuilder.builder()
                .contentSHA256(contents.sha256())
                .vm(contents.vm())
                .namespace("finance")
                .name("payroll")
                .image(IMAGE)
                .epoch(7)
                .guestState(new GuestStateVersion(7L, 212L))
                .ekDigest("5e".repeat(32))
                .disks(contents.files().stream()
                        .map(BackupFile::name)
                        .filter(BackupFileName::isDisk)
                        .map(file -> new BackupDescription.Disk(file, virtualBytes))
                        .toList())
                .quiesced(true)
                .time("2026-11-25T02:00:07.120Z");
    }

    public static BackupIndex.Parent parentOf(BackupIndex parent) {
        return new BackupIndex.Parent(parent.backup(), parent.ref().indexSHA256());
    }

    byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        content.nextBytes(bytes);
        return bytes;
    }

    static BackupFile entry(String name, byte[] file) {
        BlockDigests digests = new BlockDigests();
        digests.update(ByteBuffer.wrap(file));
        return digests.file(name);
    }

    void write(BackupId id, String name, byte[] file) {
        write(store, id, name, file);
    }

    private static void write(BackupStore store, BackupId id, String name, byte[] file) {
        try {
            store.write(id, name, new ByteArrayInputStream(file), file.length);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The backup as it is here. */
    public void copyTo(BackupStore other, BackupIndex index) {
        try {
            for (BackupFile file : index.files()) {
                write(other, index.id(), file.name(), stored(index, file.name()));
            }
            other.commit(index.id(), stored(index, BackupFileName.INDEX));
        } catch (BackupStoreException e) {
            throw new UncheckedIOException(e);
        }
    }

    BackupVerification.Report verify(BackupIndex wanted) {
        try {
            return new BackupVerification(store, read -> {}).verify(wanted.ref());
        } catch (BackupStoreException e) {
            throw new UncheckedIOException(e);
        }
    }

    BackupVerification.Report verifyWithKey(BackupRef wanted) {
        try (BackupDescriptionKey opening = descriptionKey()) {
            return new BackupVerification(store, read -> {}).verify(wanted, opening);
        } catch (BackupStoreException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a store's administrator can put anywhere: a file's or an index's bytes. */
    byte[] stored(BackupIndex index, String name) {
        return disk.content(index.id(), name);
    }

    void put(BackupIndex index, String name, byte[] bytes) {
        disk.alter(index.id(), name, before -> bytes);
    }

    List<BackupIndex> chain(int length) {
        List<BackupIndex> chain = new ArrayList<>();
        for (int number = 1; number <= length; number++) {
            chain.add(make(VM, number, chain.isEmpty() ? null : chain.getLast()));
        }
        return chain;
    }
}
