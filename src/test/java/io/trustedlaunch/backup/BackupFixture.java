package io.trustedlaunch.backup;

import static java.util.Comparator.comparing;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toList;

import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.image.Provenance;
import io.trustedlaunch.api.image.RecordedImage;
import io.trustedlaunch.backup.folder.MemoryDisk;
import io.trustedlaunch.backup.pack.DiskSaver;
import io.trustedlaunch.backup.pack.DiskSaver.Before;
import io.trustedlaunch.backup.pack.DiskSaver.Saved;
import io.trustedlaunch.backup.pack.DiskSaverSpecBuilder;
import io.trustedlaunch.backup.pack.DiskSource;
import io.trustedlaunch.backup.pack.PackFile;
import io.trustedlaunch.backup.pack.PackFiles;
import io.trustedlaunch.backup.pack.PlayedDisk;
import io.trustedlaunch.custody.BackupDescriptionKey;
import io.trustedlaunch.custody.BackupKeys;
import io.trustedlaunch.custody.PackKeys;
import io.trustedlaunch.custody.ProtectionKey;
import io.trustedlaunch.custody.Sha256;
import io.trustedlaunch.testkit.GuestImages;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** Backups with small disks in memory. The same seed makes the same content. */
public final class BackupFixture {
    public static final RecordedImage IMAGE =
            new RecordedImage(GuestImages.NAME, GuestImages.DIGEST, Provenance.Signed);

    public static final UUID VM = UUID.fromString("3e0a6c1c-6f0e-4a53-9d1b-0b6d5f6c7a11");
    static final UUID OTHER_VM = UUID.fromString("b5f3a8de-1c1b-4a44-8a0f-6c6a1e0d9f22");

    private static final long PACK_BYTES = 64 << 20;

    public final MemoryDisk disk = new MemoryDisk().marked();
    public final BackupStore store;
    public final SecureRandom random;
    public final ProtectionKey key;
    private final Random content;

    public BackupFixture(long seed) {
        this.random = random(seed);
        this.content = new Random(seed);
        this.store = disk.store();
        this.key = ProtectionKey.generate(random);
    }

    /** In another store than the one in memory. */
    public BackupFixture(long seed, BackupStore store, ProtectionKey key) {
        this.random = random(seed);
        this.content = new Random(seed);
        this.store = store;
        this.key = key;
    }

    private static SecureRandom random(long seed) {
        try {
            SecureRandom random = SecureRandom.getInstance("SHA1PRNG");
            random.setSeed(seed);
            return random;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Never the same UID twice, and the same ones for the same number. */
    public static UUID backup(int number) {
        return new UUID(0x4000, 0x8000000000000000L | number);
    }

    BackupDescriptionKey descriptionKey() {
        return key.backupDescriptionKey(VM);
    }

    /**
     * What is in a backup.
     *
     * @param disks by their {@link DiskName}
     * @param files by their {@link BackupFileName}: a guest state, and escrows
     */
    public record Content(Map<String, byte[]> disks, Map<String, byte[]> files) {}

    /** Two disks, with content of their own. */
    public Content content() {
        return new Content(
                Map.of(DiskName.ROOT, bytes(3000), DiskName.ofData("data"), bytes(1000)),
                Map.of(BackupFileName.GUEST_STATE, bytes(700), BackupFileName.RECOVERY_ESCROW, bytes(300)));
    }

    /** With content of its own. */
    public BackupIndex make(UUID vm, int number) {
        return make(vm, number, Optional.empty(), content(), key);
    }

    /** @param before a backup of the same VM under the same key, whose packs it uses for what is the same */
    public BackupIndex make(
            UUID vm, int number, Optional<BackupIndex> before, Content contents, ProtectionKey protection) {
        return make(
                vm,
                number,
                before,
                sources(contents.disks()),
                contents.files(),
                protection,
                description -> description);
    }

    /** Of a root disk and a guest state. */
    public BackupIndex make(UUID vm, int number, byte[] disk, GuestStateVersion version, byte[] state) {
        return make(
                vm,
                number,
                Optional.empty(),
                sources(Map.of(DiskName.ROOT, disk)),
                Map.of(BackupFileName.GUEST_STATE, state),
                key,
                description -> description.epoch(version.epoch()).guestState(version));
    }

    private static Map<String, DiskSource> sources(Map<String, byte[]> disks) {
        Map<String, DiskSource> sources = new TreeMap<>();
        disks.forEach((name, bytes) ->
                sources.put(name, PlayedDisk.of(Geometry.STANDARD, bytes).whole()));
        return sources;
    }

    /** As an agent makes it. */
    public BackupIndex make(
            UUID vm,
            int number,
            Optional<BackupIndex> before,
            Map<String, DiskSource> sources,
            Map<String, byte[]> files,
            ProtectionKey protection,
            UnaryOperator<BackupDescriptionBuilder> change) {
        BackupId id = new BackupId(vm, backup(number));
        try (BackupKeys keys = BackupKeys.of(protection, vm)) {
            store.begin(id);
            List<BackupDescription.Disk> disks = new ArrayList<>();
            Saved saved = save(id, before.map(index -> before(opened(index, keys))), sources, keys, disks);
            files.forEach((name, file) -> write(id, name, file));
            BackupContent all = new BackupContent(
                    id.backup(),
                    vm,
                    protection.keyId(),
                    files.entrySet().stream()
                            .map(file -> entry(file.getKey(), file.getValue()))
                            .toList(),
                    packs(saved));
            byte[] description =
                    SealedDescription.seal(change.apply(describe(all, disks)).build(), keys.description(), random);
            write(id, BackupFileName.DESCRIPTION, description);
            BackupIndex index = all.index(entry(BackupFileName.DESCRIPTION, description));
            store.commit(id, index.encoded());
            return index;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Saved save(
            BackupId id,
            Optional<Before> before,
            Map<String, DiskSource> sources,
            BackupKeys keys,
            List<BackupDescription.Disk> disks)
            throws IOException {
        DiskSaver.Spec spec = DiskSaverSpecBuilder.builder()
                .geometry(Geometry.STANDARD)
                .files(new PackFiles(store, id.vm()))
                .keys(new PackKeys(keys.packSecret()))
                .backup(id.backup())
                .before(before)
                .packBytes(PACK_BYTES)
                .workers(1)
                .mostPacks(BackupIndex.MAX_PACKS)
                .build();
        try (DiskSaver saver = new DiskSaver(spec)) {
            for (Map.Entry<String, DiskSource> one : new TreeMap<>(sources).entrySet()) {
                disks.add(new BackupDescription.Disk(
                        one.getKey(), one.getValue().bytes(), saver.save(one.getKey(), one.getValue())));
            }
            return saver.finish();
        }
    }

    private OpenedBackup opened(BackupIndex index, BackupKeys keys) {
        try {
            return ((OpenedBackup.Opening.Opened) OpenedBackup.open(store, index.ref(), keys.description())).backup();
        } catch (BackupStoreException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What the next backup is compared with. */
    public static Before before(OpenedBackup base) {
        Map<String, SegmentRef> maps = new HashMap<>();
        base.description().disks().forEach(one -> maps.put(one.name(), one.map()));
        List<PackFile> packs = base.index().packs().stream()
                .flatMap(folder -> folder.files().stream()
                        .map(file -> new PackFile(new Pack(folder.backup(), file.name()), file.bytes(), file.sha256())))
                .toList();
        return new Before(maps, packs);
    }

    /** As an index lists them. */
    public static List<BackupIndex.Packs> packs(Saved saved) {
        Map<UUID, List<BackupFile>> folders = Stream.concat(saved.needed().stream(), saved.written().stream())
                .sorted(comparing(PackFile::pack))
                .collect(groupingBy(
                        pack -> pack.pack().backup(),
                        TreeMap::new,
                        mapping(pack -> new BackupFile(pack.pack().file(), pack.bytes(), pack.sha256()), toList())));
        return folders.entrySet().stream()
                .map(folder -> new BackupIndex.Packs(folder.getKey(), folder.getValue()))
                .toList();
    }

    public static BackupDescriptionBuilder describe(BackupContent contents, List<BackupDescription.Disk> disks) {
        return BackupDescriptionBuilder.builder()
                .contentSHA256(contents.sha256())
                .vm(contents.vm())
                .namespace("finance")
                .name("payroll")
                .image(IMAGE)
                .epoch(7)
                .guestState(new GuestStateVersion(7L, 212L))
                .ekDigest("5e".repeat(32))
                .disks(disks)
                .quiesced(true)
                .time("2026-11-25T02:00:07.120Z");
    }

    public byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        content.nextBytes(bytes);
        return bytes;
    }

    public static BackupFile entry(String name, byte[] file) {
        return new BackupFile(name, file.length, Sha256.of(file));
    }

    private void write(BackupId id, String name, byte[] file) {
        write(store, id, name, file);
    }

    private static void write(BackupStore store, BackupId id, String name, byte[] file) {
        try {
            store.write(id, name, new ByteArrayInputStream(file), file.length);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The backup as it is here, without the packs of others. */
    public void copyTo(BackupStore other, BackupIndex index) {
        try {
            other.begin(index.id());
            Stream<BackupFile> packs = index.packs().stream()
                    .filter(folder -> folder.backup().equals(index.backup()))
                    .flatMap(folder -> folder.files().stream());
            Stream.concat(index.files().stream(), packs)
                    .forEach(file -> write(other, index.id(), file.name(), stored(index, file.name())));
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

    /** What a store's administrator can put anywhere: a file's or an index's bytes. */
    byte[] stored(BackupIndex index, String name) {
        return disk.content(index.id(), name);
    }

    void put(BackupIndex index, String name, byte[] bytes) {
        disk.alter(index.id(), name, before -> bytes);
    }
}
