package io.trustedlaunch.backup.pack;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.backup.BackupContent;
import io.trustedlaunch.backup.BackupDescription;
import io.trustedlaunch.backup.BackupFile;
import io.trustedlaunch.backup.BackupFileName;
import io.trustedlaunch.backup.BackupFixture;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupIndex;
import io.trustedlaunch.backup.BackupRef;
import io.trustedlaunch.backup.BackupRemoval;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.backup.BackupStoreException;
import io.trustedlaunch.backup.BackupVerification;
import io.trustedlaunch.backup.DiskName;
import io.trustedlaunch.backup.Geometry;
import io.trustedlaunch.backup.OpenedBackup;
import io.trustedlaunch.backup.SealedDescription;
import io.trustedlaunch.backup.StoreFault;
import io.trustedlaunch.backup.StoreMarker;
import io.trustedlaunch.backup.folder.MemoryDisk;
import io.trustedlaunch.backup.pack.DiskSaver.Saved;
import io.trustedlaunch.backup.pack.GatedStore.Gate;
import io.trustedlaunch.custody.BackupKeys;
import io.trustedlaunch.custody.PackKeys;
import io.trustedlaunch.custody.ProtectionKey;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

/**
 * One random history of a VM's backups in a store that two clusters share. Each has its own record of backups and its own disks. One
 * seed is one history: nothing is left to threads, as each disk has one page and each backup one worker.
 */
final class BackupHistory {
    private static final Geometry GEOMETRY = new Geometry(16, 2);
    private static final int DISK_BYTES = 16 * 64 * 2 - 5;
    private static final long PACK_BYTES = 600;
    private static final int MOST_PACKS = 12;
    private static final int STEPS = 14;

    private static final UUID VM = UUID.fromString("3e0a6c1c-6f0e-4a53-9d1b-0b6d5f6c7a11");
    private static final ProtectionKey KEY = ProtectionKey.of("a key of thirty-two bytes for it".getBytes(UTF_8));
    private static final List<String> DISKS = List.of(DiskName.ofData("a"), DiskName.ROOT);
    private static final SecureRandom SECURE = new SecureRandom();

    private final Random random;
    private final BackupKeys keys = BackupKeys.of(KEY, VM);
    private final List<Cluster> clusters = List.of(new Cluster(), new Cluster());
    private final Map<UUID, Map<String, byte[]>> contents = new HashMap<>();
    private MemoryDisk disk = new MemoryDisk().marked();
    private String now = "";

    /** What a cluster has in its API, and the disks of its VM. */
    private static final class Cluster {
        private final Map<String, PlayedDisk> disks = new TreeMap<>();
        private final Map<UUID, BackupRef> record = new LinkedHashMap<>();
        /** Removals that did not end, and runs that were broken off or given up. */
        private final Set<UUID> toRemove = new LinkedHashSet<>();

        private Optional<UUID> changesSince = Optional.empty();
        private Optional<UUID> running = Optional.empty();

        Cluster() {
            DISKS.forEach(name -> disks.put(name, new PlayedDisk(GEOMETRY, DISK_BYTES)));
        }
    }

    /** A process: it dies at one of its calls, before or after the effect. */
    private static final class Death implements Gate {
        private final boolean isAfter;
        private int left;

        Death(int left, boolean isAfter) {
            this.left = left;
            this.isAfter = isAfter;
        }

        @Override
        public void before() throws BackupStoreException {
            left--;
            if (left < 0 || (left == 0 && !isAfter)) {
                throw new BackupStoreException(StoreFault.FAILED, "dead");
            }
        }

        @Override
        public void after() throws BackupStoreException {
            if (left <= 0) {
                throw new BackupStoreException(StoreFault.FAILED, "dead");
            }
        }
    }

    BackupHistory(long seed) {
        random = new Random(seed);
    }

    /** Plays it, and removes everything at its end. */
    void play() throws IOException {
        for (int step = 0; step < STEPS; step++) {
            step();
            requireAllRestore();
        }
        removeAll();
    }

    private Cluster cluster() {
        return clusters.get(random.nextInt(clusters.size()));
    }

    private void step() throws IOException {
        Cluster cluster = cluster();
        cluster.disks.values().forEach(played -> played.write(random));
        switch (random.nextInt(10)) {
            case 0, 1 -> act("backup", () -> backUp(cluster, mortal(disk.store())));
            case 2 -> act("removal", () -> remove(cluster, mortal(disk.store())));
            case 3 -> importFromTheOther(cluster);
            case 4 -> besideAHostileIndex(cluster);
            case 5 -> powerCut(cluster);
            default -> atOnce();
        }
    }

    private BackupStore mortal(BackupStore store) {
        return random.nextInt(3) == 0
                ? GatedStore.of(store, new Death(1 + random.nextInt(40), random.nextBoolean()))
                : store;
    }

    @FunctionalInterface
    private interface Act {
        void run() throws IOException;
    }

    /** What fails is on record as such by then. */
    private void act(String what, Act act) {
        now = what;
        try {
            act.run();
        } catch (IOException e) {
            // It ended there.
            return;
        }
    }

    /** Two removals, a backup and now and then more, each call by one whose turn it is. */
    private void atOnce() {
        Turns turns = new Turns();
        List<Runnable> acts = new ArrayList<>();
        List<Turns.Actor> actors = new ArrayList<>();
        int count = 3 + random.nextInt(2);
        for (int one = 0; one < count; one++) {
            Turns.Actor actor = turns.actor();
            actors.add(actor);
            BackupStore store = mortal(GatedStore.of(disk.store(), actor));
            Cluster cluster = clusters.get(one % 2);
            boolean isBackup = one == 0 || one == 3;
            acts.add(() -> act("at once", () -> {
                if (isBackup && cluster.running.isEmpty()) {
                    backUp(cluster, store);
                } else {
                    remove(cluster, store);
                }
            }));
        }
        for (int one = 0; one < count; one++) {
            turns.start(actors.get(one), acts.get(one));
        }
        turns.play(random);
    }

    private void powerCut(Cluster cluster) {
        disk.failAt(1 + random.nextInt(60), new IOException("the power has failed"));
        act("power cut", () -> {
            if (random.nextBoolean()) {
                backUp(cluster, disk.store());
            } else {
                remove(cluster, disk.store());
            }
        });
        disk.heal();
        disk = disk.afterPowerCut(random);
    }

    private void importFromTheOther(Cluster cluster) {
        now = "import";
        Cluster other = clusters.get(1 - clusters.indexOf(cluster));
        other.record.entrySet().stream()
                .skip(random.nextInt(1 + other.record.size()))
                .findFirst()
                .ifPresent(one -> {
                    cluster.record.put(one.getKey(), one.getValue());
                    // It is restored, and the guest goes on from there.
                    contents.get(one.getKey())
                            .forEach((name, content) -> cluster.disks.get(name).become(content));
                    cluster.changesSince = Optional.empty();
                });
    }

    /** Nobody knows then what is needed. */
    private void besideAHostileIndex(Cluster cluster) {
        Optional<BackupRef> victim = any(cluster);
        if (victim.isEmpty() || cluster.record.size() < 2) {
            return;
        }
        BackupId id = victim.get().id();
        byte[] index = disk.content(id, BackupFileName.INDEX);
        disk.alter(id, BackupFileName.INDEX, bytes -> "{\"format\":2}".getBytes(UTF_8));
        act("removal beside a hostile index", () -> {
            UUID other = cluster.record.keySet().stream()
                    .filter(backup -> !backup.equals(id.backup()))
                    .findFirst()
                    .orElseThrow();
            remove(cluster, other, disk.store());
        });
        disk.alter(id, BackupFileName.INDEX, bytes -> index);
    }

    private Optional<BackupRef> any(Cluster cluster) {
        List<BackupRef> all = List.copyOf(cluster.record.values());
        return all.isEmpty() ? Optional.empty() : Optional.of(all.get(random.nextInt(all.size())));
    }

    /** As an agent makes one. What it follows from was chosen before. */
    private void backUp(Cluster cluster, BackupStore store) throws IOException {
        UUID backup = new UUID(random.nextLong(), random.nextLong());
        BackupId id = new BackupId(VM, backup);
        List<BackupRef> known = List.copyOf(cluster.record.values());
        Optional<BackupRef> chosen = known.isEmpty() || random.nextInt(8) == 0
                ? Optional.empty()
                : random.nextInt(3) == 0 ? any(cluster) : Optional.of(known.getLast());
        cluster.running = Optional.of(backup);
        cluster.toRemove.add(backup);
        try {
            store.begin(id);
            Optional<OpenedBackup> base = chosen.isPresent() ? open(store, chosen.get()) : Optional.empty();
            boolean isIncremental = base.isPresent()
                    && cluster.changesSince.equals(Optional.of(chosen.get().id().backup()));
            Map<String, DiskSource> sources = new TreeMap<>();
            Map<String, byte[]> content = new TreeMap<>();
            cluster.disks.forEach((name, played) -> {
                sources.put(name, isIncremental ? played.changes() : played.whole());
                content.put(name, played.content());
                played.mark();
            });
            cluster.changesSince = Optional.of(backup);
            BackupIndex index = save(store, id, base, sources);
            contents.put(backup, content);
            store.commit(id, index.encoded());
            // One that was given up is not put on record.
            if (cluster.running.equals(Optional.of(backup))) {
                cluster.record.put(backup, index.ref());
                cluster.toRemove.remove(backup);
            }
        } finally {
            cluster.running = Optional.empty();
        }
    }

    private Optional<OpenedBackup> open(BackupStore store, BackupRef ref) throws BackupStoreException {
        return OpenedBackup.open(store, ref, keys.description())
                        instanceof OpenedBackup.Opening.Opened(OpenedBackup opened)
                ? Optional.of(opened)
                : Optional.empty();
    }

    private BackupIndex save(
            BackupStore store, BackupId id, Optional<OpenedBackup> base, Map<String, DiskSource> sources)
            throws IOException {
        List<BackupDescription.Disk> disks = new ArrayList<>();
        Saved saved;
        try (DiskSaver saver = new DiskSaver(DiskSaverSpecBuilder.builder()
                .geometry(GEOMETRY)
                .files(new PackFiles(store, VM))
                .keys(new PackKeys(keys.packSecret()))
                .backup(id.backup())
                .before(base.map(BackupFixture::before))
                .packBytes(PACK_BYTES)
                .workers(1)
                .mostPacks(MOST_PACKS)
                .build())) {
            for (Map.Entry<String, DiskSource> source : sources.entrySet()) {
                disks.add(new BackupDescription.Disk(
                        source.getKey(), DISK_BYTES, saver.save(source.getKey(), source.getValue())));
            }
            saved = saver.finish();
        }
        BackupFile state = write(store, id, BackupFileName.GUEST_STATE, new byte[] {1, 2, 3});
        BackupContent content =
                new BackupContent(id.backup(), VM, KEY.keyId(), List.of(state), BackupFixture.packs(saved));
        byte[] sealed =
                SealedDescription.seal(BackupFixture.describe(content, disks).build(), keys.description(), SECURE);
        return content.index(write(store, id, BackupFileName.DESCRIPTION, sealed));
    }

    private static BackupFile write(BackupStore store, BackupId id, String name, byte[] content) throws IOException {
        store.write(id, name, new ByteArrayInputStream(content), content.length);
        return BackupFixture.entry(name, content);
    }

    /** One on record, one whose removal did not end, or the run that is under way. */
    private void remove(Cluster cluster, BackupStore store) throws BackupStoreException {
        List<UUID> all = new ArrayList<>(cluster.record.keySet());
        cluster.toRemove.stream()
                .filter(backup -> !cluster.running.equals(Optional.of(backup)) || random.nextInt(8) == 0)
                .forEach(all::add);
        if (!all.isEmpty()) {
            remove(cluster, all.get(random.nextInt(all.size())), store);
        }
    }

    private void remove(Cluster cluster, UUID backup, BackupStore store) throws BackupStoreException {
        boolean isRunning = cluster.running.equals(Optional.of(backup));
        clusters.forEach(one -> one.record.remove(backup));
        cluster.toRemove.add(backup);
        if (isRunning) {
            cluster.running = Optional.empty();
        }
        boolean isGone = BackupRemoval.remove(store, new BackupId(VM, backup)).isEmpty();
        // A run that was given up and is only slow may still write: it is removed once more at its end.
        if (isGone && !isRunning) {
            cluster.toRemove.remove(backup);
        }
    }

    private void requireAllRestore() throws IOException {
        for (Cluster cluster : clusters) {
            for (BackupRef ref : cluster.record.values()) {
                BackupStore store = disk.store();
                OpenedBackup opened = open(store, ref)
                        .orElseThrow(() -> new AssertionError(
                                "after " + now + " there is no " + ref.id().backup()));
                for (BackupDescription.Disk saved : opened.description().disks()) {
                    PlayedDisk.Restored target = new PlayedDisk.Restored(DISK_BYTES);
                    new SavedDisk(
                                    GEOMETRY,
                                    new PackFiles(store, VM),
                                    new PackKeys(keys.packSecret()),
                                    saved.map(),
                                    saved.virtualBytes())
                            .restore(target, 1, bytes -> {});
                    assertThat(target.content)
                            .as(
                                    "%s of backup %s after %s",
                                    saved.name(), ref.id().backup(), now)
                            .isEqualTo(contents.get(ref.id().backup()).get(saved.name()));
                }
            }
        }
        Optional<BackupRef> one = any(cluster());
        if (one.isPresent()) {
            assertThat(new BackupVerification(disk.store(), bytes -> {})
                            .verify(one.get())
                            .findings())
                    .as("after %s", now)
                    .isEmpty();
        }
    }

    private void removeAll() throws IOException {
        for (Cluster cluster : clusters) {
            for (UUID backup : List.copyOf(cluster.record.keySet())) {
                clusters.forEach(one -> one.record.remove(backup));
                cluster.toRemove.add(backup);
                BackupRemoval.remove(disk.store(), new BackupId(VM, backup));
                requireAllRestore();
            }
        }
        for (int round = 0; round < 2; round++) {
            for (Cluster cluster : clusters) {
                for (UUID backup : List.copyOf(cluster.toRemove)) {
                    if (BackupRemoval.remove(disk.store(), new BackupId(VM, backup))
                            .isEmpty()) {
                        cluster.toRemove.remove(backup);
                    }
                }
            }
        }
        assertThat(clusters).allSatisfy(cluster -> assertThat(cluster.toRemove).isEmpty());
        assertThat(disk.names()).containsExactly(StoreMarker.NAME);
    }
}
