package io.trustedlaunch.agent.backuprun;

import static io.trustedlaunch.agent.backuprun.BackupWorld.VM;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.backuprun.record.BackupRunRecord;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.api.DiskIdentity;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RunPhase;
import io.trustedlaunch.api.backup.BackupMode;
import io.trustedlaunch.api.backup.BackupResult;
import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.api.backup.BackupRunSpec;
import io.trustedlaunch.api.backup.BackupRunSpecBuilder;
import io.trustedlaunch.backup.BackupFileName;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupIndex;
import io.trustedlaunch.backup.BackupRef;
import io.trustedlaunch.backup.BackupRemoval;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.backup.BackupVerification;
import io.trustedlaunch.backup.Pack;
import io.trustedlaunch.backup.folder.FolderStore;
import io.trustedlaunch.custody.BackupKeys;
import io.trustedlaunch.custody.Sha256;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.files.FileTree;
import io.trustedlaunch.testkit.BackupLocations;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random histories of a VM's backups: a guest writes, restarts, is killed, moves and is restored; its agent dies and comes back,
 * stores are away, backups are damaged and removed. Each backup that is on record has what disks and TPM had at its instant, bit
 * for bit; what is damaged is found, and never restores anything else. {@code -Dhistories=10000} plays more, {@code -Dfirst}
 * repeats one.
 */
class RandomBackupsTest {
    private static final int HISTORIES = Integer.getInteger("histories", 10);
    private static final long FIRST = Long.getLong("first", new Random().nextInt(1 << 30));
    private static final List<String> LOCATIONS = List.of("backups", "backups", "other");
    private static final List<Failpoint> POINTS = Arrays.stream(Failpoint.values())
            .filter(point -> point.id().startsWith("backup."))
            .toList();

    @TempDir
    private Path root;

    /** The death of the agent: no handler catches it. */
    private static final class Died extends Error {
        private static final long serialVersionUID = 1L;
    }

    /** What may happen to a backup of a VM that is off. */
    private static final List<Fate> OFF = List.of(
            Fate.NOTHING,
            Fate.AGENT_DIES,
            Fate.STEP_FAILS,
            Fate.GUEST_WRITES,
            Fate.STORE_GOES_AWAY,
            Fate.RUN_IS_DELETED,
            Fate.API_SERVER_GOES_AWAY);

    /** What happens while a backup is made. */
    private enum Fate {
        NOTHING,
        AGENT_DIES,
        STEP_FAILS,
        GUEST_WRITES,
        QEMU_DIES,
        STORE_GOES_AWAY,
        RUN_IS_DELETED,
        API_SERVER_GOES_AWAY
    }

    @Test
    void eachCompleteBackupRestoresWhatTheVmHad() throws IOException {
        Map<Fate, Integer> completed = new EnumMap<>(Fate.class);
        int damaged = 0;
        for (long seed = FIRST; seed < FIRST + HISTORIES; seed++) {
            Path folder = Files.createDirectory(root.resolve("seed-" + seed));
            try (History history = new History(folder, new Random(seed), completed)) {
                history.play();
                damaged += history.assertRestores();
            } catch (IOException | RuntimeException | AssertionError e) {
                throw new AssertionError("-Dhistories=1 -Dfirst=" + seed, e);
            }
            FileTree.of(folder).delete();
        }
        System.out.println(HISTORIES + " histories from -Dfirst=" + FIRST + ": completed while " + completed + ", "
                + damaged + " that are damaged were found");
        if (HISTORIES >= 40) {
            assertThat(completed).containsKeys(Fate.values());
        }
    }

    /** The story of one VM. */
    private static final class History implements AutoCloseable {
        private final BackupWorld world;
        private final Path root;
        private final Random random;
        private final Map<Fate, Integer> statistics;

        /** By UID, in the order of their instants. */
        private final Map<UUID, Made> made = new LinkedHashMap<>();

        /** The files of backups that are not what was written. */
        private final Set<Pack> damaged = new HashSet<>();

        /** What the disks had at the instant of the backup that is being made. */
        private Map<String, Map<Integer, Integer>> atInstant = Map.of();

        /** What the guest has left, if it is off. */
        private Optional<GuestStateVersion> stopped = Optional.empty();

        private record Made(String location, BackupResult result, Map<String, Map<Integer, Integer>> disks) {}

        History(Path root, Random random, Map<Fate, Integer> statistics) throws IOException {
            this.root = root;
            this.random = random;
            this.statistics = statistics;
            world = new BackupWorld(root);
            BackupLocations.mark(Files.createDirectory(root.resolve("other")));
        }

        void play() throws IOException {
            for (int step = 4 + random.nextInt(28); step > 0; step--) {
                world.now = world.now.plusSeconds(60);
                guestWrites();
                switch (random.nextInt(16)) {
                    case 0 -> restart();
                    case 1 -> dieAndRestart();
                    case 2 -> comeFromAnotherHostWithoutBitmaps();
                    case 3 -> goBackToABackup();
                    case 4 -> damageOne();
                    case 5 -> removeOne();
                    case 6 -> backUpWhileOff();
                    default -> backUp();
                }
            }
        }

        private void guestWrites() {
            for (int times = random.nextInt(6); times > 0; times--) {
                write(
                        random.nextBoolean() ? "root" : "data-data",
                        1 + random.nextInt(ModelDisks.BLOCKS - 1),
                        random.nextInt(4));
            }
            world.guestWrites();
        }

        private void write(String disk, int block, int value) {
            world.backups().write(path(disk), block, value);
        }

        private void restart() throws IOException {
            world.hypervisor.destroy(VM);
            world.startDomain();
        }

        /** QEMU is killed, so that its bitmaps are not closed. */
        private void dieAndRestart() throws IOException {
            world.hypervisor.crash(VM);
            loseBitmaps();
            world.startDomain();
        }

        private void loseBitmaps() {
            List.of("root", "data-data").forEach(disk -> world.backups().loseBitmaps(path(disk)));
        }

        private void comeFromAnotherHostWithoutBitmaps() throws IOException {
            restart();
            loseBitmaps();
        }

        /** Its disks are new files then. */
        private void goBackToABackup() throws IOException {
            List<Made> whole = made.entrySet().stream()
                    .filter(each -> isSound(each.getKey()))
                    .map(Map.Entry::getValue)
                    .toList();
            if (whole.isEmpty()) {
                return;
            }
            Made to = whole.get(random.nextInt(whole.size()));
            world.hypervisor.destroy(VM);
            loseBitmaps();
            to.disks().forEach((file, blocks) -> {
                Map<Integer, Integer> disk = world.backups().content(path(file));
                disk.clear();
                disk.putAll(blocks);
            });
            world.startDomain();
        }

        /** Half of it is noticed before the next backup, as all that may share the file is then. */
        private void damageOne() throws IOException {
            Optional<UUID> which = any();
            if (which.isEmpty()) {
                return;
            }
            Path file;
            try (Stream<Path> files = Files.list(folder(which.get()))) {
                List<Path> all = files.filter(each -> !each.endsWith(BackupFileName.BEGUN))
                        .sorted()
                        .toList();
                file = all.get(random.nextInt(all.size()));
            }
            if (!damaged.add(new Pack(which.get(), file.getFileName().toString()))) {
                return;
            }
            try (RandomAccessFile content = new RandomAccessFile(file.toFile(), "rw")) {
                long at = random.nextLong(content.length());
                content.seek(at);
                int old = content.read();
                content.seek(at);
                content.write(old ^ 1 << random.nextInt(8));
            }
            if (random.nextBoolean()) {
                made.keySet().stream()
                        .filter(each -> !isSound(each))
                        .forEach(each -> world.damaged.add(each.toString()));
            }
        }

        private void removeOne() throws IOException {
            Optional<UUID> which = any();
            if (which.isPresent()) {
                Made backup = made.remove(which.get());
                BackupStore store = BackupLocations.store(root.resolve(backup.location()));
                BackupRemoval.remove(store, new BackupId(VM, which.get()));
            }
        }

        private Optional<UUID> any() {
            List<UUID> there = List.copyOf(made.keySet());
            return there.isEmpty() ? Optional.empty() : Optional.of(there.get(random.nextInt(there.size())));
        }

        private void backUp() throws IOException {
            String location = LOCATIONS.get(random.nextInt(LOCATIONS.size()));
            carryOut(world.request(in(location)), Fate.values()[random.nextInt(Fate.values().length)], location);
        }

        private UnaryOperator<BackupRunSpecBuilder> in(String location) {
            BackupMode mode = random.nextInt(8) == 0 ? BackupMode.Full : BackupMode.Auto;
            return spec -> spec.mode(mode)
                    .location(
                            BackupLocations.ref(location, root.resolve(location).toString()))
                    .completed(completed(location));
        }

        /** A start wins, so what is saved while the guest runs and writes again does not count. */
        private void backUpWhileOff() throws IOException {
            String location = LOCATIONS.get(random.nextInt(LOCATIONS.size()));
            stopped = Optional.of(world.stopGuest());
            atInstant = disks();
            BackupRun run = world.requestStopped(stopped.get(), in(location));
            carryOut(run, OFF.get(random.nextInt(OFF.size())), location);
        }

        private void carryOut(BackupRun run, Fate fate, String location) throws IOException {
            world.at = event(fate, run, POINTS.get(random.nextInt(POINTS.size())), root.resolve(location));
            try {
                world.pass();
            } catch (Died | RefusedException e) {
                world.startAgent();
            }
            heal(root.resolve(location));
            for (int times = 0; times < 3; times++) {
                world.pass();
            }
            if (stopped.isPresent()) {
                startAgain();
            }
            assertNothingIsLeft(run, fate);
        }

        /** What happens when the point is reached for the first time. */
        private Consumer<Failpoint> event(Fate fate, BackupRun run, Failpoint point, Path location) {
            Set<Failpoint> passed = new HashSet<>();
            return reached -> {
                seeInstant(reached);
                if (reached == point && passed.add(point)) {
                    happen(fate, run, location);
                }
            };
        }

        private void seeInstant(Failpoint reached) {
            if (reached == Failpoint.BACKUP_BEGUN) {
                atInstant = disks();
            }
        }

        private void happen(Fate fate, BackupRun run, Path location) {
            switch (fate) {
                case NOTHING -> {}
                case AGENT_DIES -> throw new Died();
                case STEP_FAILS -> throw new RefusedException(Reason.DiskCopyFailed, "failed");
                case GUEST_WRITES -> {
                    if (stopped.isPresent()) {
                        startAgain();
                    }
                    guestWrites();
                }
                case QEMU_DIES -> {
                    if (world.hypervisor.find(VM).isPresent()) {
                        world.hypervisor.crash(VM);
                        loseBitmaps();
                    }
                }
                case STORE_GOES_AWAY -> move(location, away(location));
                case RUN_IS_DELETED ->
                    world.runs.removeIf(each ->
                            each.getMetadata().getUid().equals(run.getMetadata().getUid()));
                case API_SERVER_GOES_AWAY -> world.serverDown = true;
            }
        }

        private void heal(Path location) throws IOException {
            world.at = this::seeInstant;
            world.serverDown = false;
            if (Files.exists(away(location))) {
                move(away(location), location);
            }
            if (stopped.isPresent()) {
                // Not before the run is over.
                return;
            }
            if (world.hypervisor.find(VM).isEmpty()) {
                world.startDomain();
            }
        }

        private void startAgain() {
            try {
                world.startAgain(stopped.orElseThrow());
                stopped = Optional.empty();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static Path away(Path location) {
            return location.resolveSibling(location.getFileName() + "-away");
        }

        private static void move(Path from, Path to) {
            try {
                Files.move(from, to);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private void assertNothingIsLeft(BackupRun run, Fate fate) throws IOException {
            assertThat(world.guestRuns()).as("the guest runs").isTrue();
            assertThat(world.backups().job(VM)).isEmpty();
            assertThat(world.staged()).isEmpty();
            assertThat(world.records.vms()).isEmpty();
            BackupStore store =
                    BackupLocations.store(root.resolve(run.getSpec().location().name()));
            assertThat(store.backups(VM))
                    .as("a run that is over keeps no packs")
                    .noneMatch(listed -> listed.state() == BackupStore.State.OPEN
                            && !damaged.contains(new Pack(listed.backup(), BackupFileName.INDEX)));
            boolean deleted = world.runs.stream()
                    .noneMatch(each ->
                            each.getMetadata().getUid().equals(run.getMetadata().getUid()));
            if (deleted) {
                return;
            }
            var status = world.status(run);
            assertThat(status.phase()).as(status.toString()).isIn(RunPhase.Completed, RunPhase.Failed);
            if (status.phase() == RunPhase.Completed) {
                statistics.merge(fate, 1, Integer::sum);
                String location = run.getSpec().location().name();
                made.put(BackupRunRecord.uid(run), new Made(location, status.result(), atInstant));
                String base = status.result().baseUID();
                assertThat(base)
                        .as("what is damaged by what is on record is no base")
                        .matches(uid -> uid == null || !world.damaged.contains(uid));
            } else {
                assertThat(status.message()).isNotBlank();
            }
        }

        /** As the operator has them on record. */
        private List<BackupRunSpec.Completed> completed(String location) {
            return made.entrySet().stream()
                    .filter(each -> each.getValue().location().equals(location))
                    .map(each -> new BackupRunSpec.Completed(
                            each.getKey().toString(),
                            each.getValue().result().indexSHA256(),
                            each.getValue().result().time(),
                            world.damaged.contains(each.getKey().toString())))
                    .toList()
                    .reversed();
        }

        /** Whether all that it needs is as it was made. */
        private boolean isSound(UUID backup) {
            try {
                byte[] bytes = Files.readAllBytes(folder(backup).resolve(BackupFileName.INDEX));
                if (!Sha256.of(bytes).equals(made.get(backup).result().indexSHA256())) {
                    return false;
                }
                BackupIndex index = ((BackupIndex.Opening.Opened) BackupIndex.parse(bytes)).index();
                return Stream.concat(
                                index.neededPacks(), index.files().stream().map(file -> new Pack(backup, file.name())))
                        .noneMatch(damaged::contains);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** Returns how many are damaged. */
        int assertRestores() throws IOException {
            int refused = 0;
            for (Map.Entry<UUID, Made> each : made.entrySet()) {
                refused += assertRestores(each.getKey(), each.getValue()) ? 0 : 1;
            }
            return refused;
        }

        private boolean assertRestores(UUID backup, Made expected) throws IOException {
            FolderStore store = BackupLocations.store(root.resolve(expected.location()));
            BackupRef ref =
                    new BackupRef(new BackupId(VM, backup), expected.result().indexSHA256());
            boolean sound = isSound(backup);
            assertThat(new BackupVerification(store, bytes -> {}).verify(ref).findings())
                    .as("findings in " + backup)
                    .matches(found -> found.isEmpty() == sound);
            try (BackupKeys keys = BackupKeys.of(world.key, VM)) {
                Map<String, Map<Integer, Integer>> restored = ModelDisks.restore(store, ref, keys);
                expected.disks()
                        .forEach((disk, content) -> assertThat(restored.get(disk))
                                .as(disk + " of " + backup + ", "
                                        + expected.result().type())
                                .isEqualTo(withoutZeros(content)));
            } catch (IOException e) {
                assertThat(sound).as(e.toString()).isFalse();
            }
            if (sound) {
                byte[] guestState = Files.readAllBytes(folder(backup).resolve(BackupFileName.GUEST_STATE));
                assertThat(world.tpmIn(guestState, expected.result()))
                        .isEqualTo("tpm " + expected.disks().get("root").getOrDefault(0, 0));
            }
            return sound;
        }

        private Path folder(UUID backup) {
            return root.resolve(made.get(backup).location())
                    .resolve(VM.toString())
                    .resolve(backup.toString());
        }

        private Path path(String disk) {
            return disk.equals("root")
                    ? world.folder.osDisk()
                    : world.folder.dataDisk(DiskIdentity.ofFirstStart("data"));
        }

        private Map<String, Map<Integer, Integer>> disks() {
            return Map.of("root", content("root"), "data-data", content("data-data"));
        }

        private Map<Integer, Integer> content(String disk) {
            return Map.copyOf(world.backups().content(path(disk)));
        }

        private static Map<Integer, Integer> withoutZeros(Map<Integer, Integer> blocks) {
            Map<Integer, Integer> content = new TreeMap<>(blocks);
            content.values().removeIf(value -> value == 0);
            return content;
        }

        @Override
        public void close() {
            world.close();
        }
    }
}
