package io.trustedlaunch.backup.pack;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.backup.BackupDescription;
import io.trustedlaunch.backup.BackupFileName;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupIndex;
import io.trustedlaunch.backup.BackupRef;
import io.trustedlaunch.backup.BackupRemoval;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.backup.BackupStoreException;
import io.trustedlaunch.backup.BackupVerification;
import io.trustedlaunch.backup.DiskName;
import io.trustedlaunch.backup.OpenedBackup;
import io.trustedlaunch.backup.StoreMarker;
import java.io.IOException;
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
 * seed is one history in each world: nothing is left to threads, as each disk has one page and each backup one worker.
 */
final class BackupHistory {
    private static final int STEPS = 14;

    private static final List<String> DISKS = List.of(DiskName.ofData("a"), DiskName.ROOT);

    private final Random random;
    private final HistoryWorld world;
    private final PlayedAgent agent;
    private final List<Cluster> clusters;
    private final Map<UUID, Map<String, byte[]>> contents = new HashMap<>();
    private String now = "";
    private Made made = new Made(0, 0);

    /** What a cluster has in its API, and the disks of its VM. */
    private static final class Cluster {
        private final Map<String, HistoryWorld.Disk> disks;
        private final Map<UUID, BackupRef> record = new LinkedHashMap<>();
        /** Removals that did not end, and runs that were broken off or given up. */
        private final Set<UUID> toRemove = new LinkedHashSet<>();

        private Optional<UUID> changesSince = Optional.empty();
        private Optional<UUID> running = Optional.empty();

        Cluster(Map<String, HistoryWorld.Disk> disks) {
            this.disks = disks;
        }
    }

    BackupHistory(long seed, HistoryWorld world) throws IOException {
        this.random = new Random(seed);
        this.world = world;
        this.agent = new PlayedAgent(world.scale());
        this.clusters = List.of(cluster(world), cluster(world));
    }

    private static Cluster cluster(HistoryWorld world) throws IOException {
        Map<String, HistoryWorld.Disk> disks = new TreeMap<>();
        for (String name : DISKS) {
            disks.put(name, world.disk(PlayedAgent.newDisk()));
        }
        return new Cluster(disks);
    }

    /**
     * What was put on record.
     *
     * @param changes backups that read only what had changed
     */
    record Made(int backups, int changes) {
        Made plus(Made other) {
            return new Made(backups + other.backups, changes + other.changes);
        }
    }

    /** Plays it, and removes everything at its end. */
    Made play() throws IOException {
        for (int step = 0; step < STEPS; step++) {
            step();
            requireAllRestore();
        }
        requireEachRestores(world::restored);
        removeAll();
        return made;
    }

    private Cluster cluster() {
        return clusters.get(random.nextInt(clusters.size()));
    }

    private void step() throws IOException {
        Cluster cluster = cluster();
        for (HistoryWorld.Disk disk : cluster.disks.values()) {
            disk.write(random);
        }
        switch (random.nextInt(10)) {
            case 0, 1 -> act("backup", () -> backUp(cluster, mortal(world.store())));
            case 2 -> act("removal", () -> remove(cluster, mortal(world.store())));
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
            BackupStore store = mortal(GatedStore.of(world.store(), actor));
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
        BackupStore store = world.failing(1 + random.nextInt(60));
        act("power cut", () -> {
            if (random.nextBoolean()) {
                backUp(cluster, store);
            } else {
                remove(cluster, store);
            }
        });
        world.recover(random);
    }

    private void importFromTheOther(Cluster cluster) throws IOException {
        now = "import";
        Cluster other = clusters.get(1 - clusters.indexOf(cluster));
        Optional<Map.Entry<UUID, BackupRef>> one = other.record.entrySet().stream()
                .skip(random.nextInt(1 + other.record.size()))
                .findFirst();
        if (one.isPresent()) {
            cluster.record.put(one.get().getKey(), one.get().getValue());
            // It is restored, and the guest goes on from there.
            for (Map.Entry<String, byte[]> content :
                    contents.get(one.get().getKey()).entrySet()) {
                cluster.disks.get(content.getKey()).become(content.getValue());
            }
            cluster.changesSince = Optional.empty();
        }
    }

    /** Nobody knows then what is needed. */
    private void besideAHostileIndex(Cluster cluster) throws IOException {
        Optional<BackupRef> victim = any(cluster);
        if (victim.isEmpty() || cluster.record.size() < 2) {
            return;
        }
        BackupId id = victim.get().id();
        byte[] index = world.replace(id, BackupFileName.INDEX, "{\"format\":2}".getBytes(UTF_8));
        act("removal beside a hostile index", () -> {
            UUID other = cluster.record.keySet().stream()
                    .filter(backup -> !backup.equals(id.backup()))
                    .findFirst()
                    .orElseThrow();
            remove(cluster, other, world.store());
        });
        world.replace(id, BackupFileName.INDEX, index);
    }

    private Optional<BackupRef> any(Cluster cluster) {
        List<BackupRef> all = List.copyOf(cluster.record.values());
        return all.isEmpty() ? Optional.empty() : Optional.of(all.get(random.nextInt(all.size())));
    }

    /** As an agent makes one. What it follows from was chosen before. */
    private void backUp(Cluster cluster, BackupStore store) throws IOException {
        UUID backup = new UUID(random.nextLong(), random.nextLong());
        BackupId id = new BackupId(PlayedAgent.VM, backup);
        List<BackupRef> known = List.copyOf(cluster.record.values());
        Optional<BackupRef> chosen = known.isEmpty() || random.nextInt(8) == 0
                ? Optional.empty()
                : random.nextInt(3) == 0 ? any(cluster) : Optional.of(known.getLast());
        cluster.running = Optional.of(backup);
        cluster.toRemove.add(backup);
        try {
            store.begin(id);
            Optional<OpenedBackup> base = chosen.isPresent() ? agent.open(store, chosen.get()) : Optional.empty();
            boolean isIncremental = base.isPresent()
                    && cluster.changesSince.equals(Optional.of(chosen.get().id().backup()));
            BackupIndex index = save(cluster, store, id, base, isIncremental ? cluster.changesSince : Optional.empty());
            store.commit(id, index.encoded());
            // One that was given up is not put on record.
            if (cluster.running.equals(Optional.of(backup))) {
                cluster.record.put(backup, index.ref());
                cluster.toRemove.remove(backup);
                made = made.plus(new Made(1, isIncremental ? 1 : 0));
            }
        } finally {
            cluster.running = Optional.empty();
        }
    }

    private BackupIndex save(
            Cluster cluster, BackupStore store, BackupId id, Optional<OpenedBackup> base, Optional<UUID> since)
            throws IOException {
        Map<String, HistoryWorld.Instant> instants = new TreeMap<>();
        Map<String, byte[]> content = new TreeMap<>();
        try {
            for (Map.Entry<String, HistoryWorld.Disk> disk : cluster.disks.entrySet()) {
                instants.put(disk.getKey(), disk.getValue().instant(id.backup(), since));
                content.put(disk.getKey(), disk.getValue().content());
            }
            cluster.changesSince = Optional.of(id.backup());
            BackupIndex index = agent.save(store, id, base, instants);
            contents.put(id.backup(), content);
            return index;
        } finally {
            for (HistoryWorld.Instant instant : instants.values()) {
                instant.close();
            }
        }
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
        boolean isGone = BackupRemoval.remove(store, new BackupId(PlayedAgent.VM, backup))
                .isEmpty();
        // A run that was given up and is only slow may still write: it is removed once more at its end.
        if (isGone && !isRunning) {
            cluster.toRemove.remove(backup);
        }
    }

    /** Each, and one of them as a user does. */
    private void requireAllRestore() throws IOException {
        requireEachRestores(BackupHistory::restored);
        Optional<BackupRef> one = any(cluster());
        if (one.isPresent()) {
            requireRestores(one.get(), world::restored);
            assertThat(new BackupVerification(world.store(), bytes -> {})
                            .verify(one.get())
                            .findings())
                    .as("after %s", now)
                    .isEmpty();
        }
    }

    @FunctionalInterface
    private interface Restore {
        /** Returns a disk of zeros to which it was restored. */
        byte[] of(SavedDisk saved) throws IOException;
    }

    static byte[] restored(SavedDisk saved) throws IOException {
        PlayedDisk.Restored target = new PlayedDisk.Restored((int) saved.bytes());
        saved.restore(target, 1, bytes -> {});
        return target.content;
    }

    private void requireEachRestores(Restore restore) throws IOException {
        for (Cluster cluster : clusters) {
            for (BackupRef ref : cluster.record.values()) {
                requireRestores(ref, restore);
            }
        }
    }

    private void requireRestores(BackupRef ref, Restore restore) throws IOException {
        BackupStore store = world.store();
        UUID backup = ref.id().backup();
        OpenedBackup opened =
                agent.open(store, ref).orElseThrow(() -> new AssertionError("after " + now + " there is no " + backup));
        for (BackupDescription.Disk saved : opened.description().disks()) {
            byte[] content = restore.of(agent.disk(store, saved));
            assertThat(content)
                    .as("%s of backup %s after %s", saved.name(), backup, now)
                    .isEqualTo(PlayedDisk.scaled(contents.get(backup).get(saved.name()), world.scale()));
        }
    }

    private void removeAll() throws IOException {
        for (Cluster cluster : clusters) {
            for (UUID backup : List.copyOf(cluster.record.keySet())) {
                clusters.forEach(one -> one.record.remove(backup));
                cluster.toRemove.add(backup);
                BackupRemoval.remove(world.store(), new BackupId(PlayedAgent.VM, backup));
                requireAllRestore();
            }
        }
        for (int round = 0; round < 2; round++) {
            for (Cluster cluster : clusters) {
                for (UUID backup : List.copyOf(cluster.toRemove)) {
                    if (BackupRemoval.remove(world.store(), new BackupId(PlayedAgent.VM, backup))
                            .isEmpty()) {
                        cluster.toRemove.remove(backup);
                    }
                }
            }
        }
        assertThat(clusters).allSatisfy(cluster -> assertThat(cluster.toRemove).isEmpty());
        assertThat(world.names()).containsExactly(StoreMarker.NAME);
    }
}
