package io.trustedlaunch.agent.backuprun;

import static io.trustedlaunch.agent.backuprun.BackupWorld.VM;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.backup.BackupDiskWriter;
import io.trustedlaunch.agent.backup.BackupExtraction;
import io.trustedlaunch.agent.backup.DiskExport;
import io.trustedlaunch.agent.backuprun.record.BackupRunRecord;
import io.trustedlaunch.agent.disks.FakeDiskTool;
import io.trustedlaunch.agent.host.Accounts;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.hypervisor.FakeGuestBackups.Export;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RunPhase;
import io.trustedlaunch.api.backup.BackupMode;
import io.trustedlaunch.api.backup.BackupResult;
import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.api.backup.BackupRunSpec;
import io.trustedlaunch.api.backup.BackupRunSpecBuilder;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupRef;
import io.trustedlaunch.backup.BackupVerification;
import io.trustedlaunch.backup.folder.FolderStore;
import io.trustedlaunch.custody.BackupKeys;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.files.FileTree;
import io.trustedlaunch.testkit.BackupLocations;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
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
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random chains of backups: a guest writes, restarts, is killed, moves and is restored; its agent dies and comes back, stores
 * are away, backups are damaged and removed. Each backup that is said to be complete is restored by the code that does, and has
 * what disks and TPM had at its instant; what cannot be restored is refused. {@code -Dchains=10000} plays more, {@code -Dfirst}
 * repeats one.
 */
class RandomChainsTest {
    private static final int CHAINS = Integer.getInteger("chains", 40);
    private static final long FIRST = Long.getLong("first", new Random().nextInt(1 << 30));
    private static final int BLOCKS = 16;
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
        for (long seed = FIRST; seed < FIRST + CHAINS; seed++) {
            Path folder = Files.createDirectory(root.resolve("seed-" + seed));
            try (Chain chain = new Chain(folder, new Random(seed), completed)) {
                chain.play();
                damaged += chain.assertRestores();
            } catch (IOException | RuntimeException | AssertionError e) {
                throw new AssertionError("-Dchains=1 -Dfirst=" + seed, e);
            }
            FileTree.of(folder).delete();
        }
        System.out.println(CHAINS + " chains from -Dfirst=" + FIRST + ": completed while " + completed + ", " + damaged
                + " that are damaged or not whole any more were found");
        if (CHAINS >= 40) {
            assertThat(completed).containsKeys(Fate.values());
        }
    }

    /** The story of one VM. */
    private static final class Chain implements BackupDiskWriter, AutoCloseable {
        private final BackupWorld world;
        private final Path root;
        private final Random random;
        private final Map<Fate, Integer> statistics;

        /** By UID, in the order of their instants. */
        private final Map<UUID, Made> made = new LinkedHashMap<>();

        private final Set<UUID> damaged = new HashSet<>();
        private final Map<Path, Map<Integer, Integer>> restored = new HashMap<>();

        /** What the disks had at the instant of the backup that is being made. */
        private Map<String, Map<Integer, Integer>> atInstant = Map.of();

        private int tpm;

        /** What the guest has left, if it is off. */
        private Optional<GuestStateVersion> stopped = Optional.empty();

        /** @param disks by the names of their files */
        private record Made(
                String location, BackupResult result, Map<String, Map<Integer, Integer>> disks, boolean onRecord) {
            Made removed() {
                return new Made(location, result, disks, false);
            }
        }

        Chain(Path root, Random random, Map<Fate, Integer> statistics) throws IOException {
            this.root = root;
            this.random = random;
            this.statistics = statistics;
            world = new BackupWorld(root);
            BackupLocations.mark(Files.createDirectory(root.resolve("other")));
            world.copies = this;
            world.startAgent();
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
                write(random.nextBoolean() ? "root" : "data", 1 + random.nextInt(BLOCKS), random.nextInt(4));
            }
            tpm++;
            write("root", 0, tpm);
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
            List.of("root", "data").forEach(disk -> world.backups().loseBitmaps(path(disk)));
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

        /** Half of it is noticed before the next backup. */
        private void damageOne() throws IOException {
            Optional<UUID> which = any();
            if (which.isEmpty() || !damaged.add(which.get())) {
                return;
            }
            try (Stream<Path> files = Files.list(folder(which.get()))) {
                List<Path> all = files.sorted().toList();
                Path file = all.get(random.nextInt(all.size()));
                try (RandomAccessFile content = new RandomAccessFile(file.toFile(), "rw")) {
                    long at = random.nextLong(content.length());
                    content.seek(at);
                    int old = content.read();
                    content.seek(at);
                    content.write(old ^ 1 << random.nextInt(8));
                }
            }
            if (random.nextBoolean()) {
                world.damaged.add(which.get().toString());
            }
        }

        private void removeOne() throws IOException {
            Optional<UUID> which = any();
            if (which.isPresent()) {
                FileTree.of(folder(which.get())).delete();
                made.computeIfPresent(which.get(), (uid, backup) -> backup.removed());
            }
        }

        private Optional<UUID> any() {
            List<UUID> there = made.entrySet().stream()
                    .filter(each -> each.getValue().onRecord())
                    .map(Map.Entry::getKey)
                    .toList();
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
            assertThat(world.records.all()).isEmpty();
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
                made.put(BackupRunRecord.uid(run), new Made(location, status.result(), atInstant, true));
                assertThat(ancestry(BackupRunRecord.uid(run)))
                        .as("what a new backup follows from is whole, by what is on record")
                        .allMatch(each -> made.get(each).onRecord() && !world.damaged.contains(each.toString()));
            } else {
                assertThat(status.message()).isNotBlank();
            }
        }

        /** As the operator has them on record. */
        private List<BackupRunSpec.Completed> completed(String location) {
            return made.entrySet().stream()
                    .filter(each -> each.getValue().onRecord())
                    .filter(each -> each.getValue().location().equals(location))
                    .map(each -> new BackupRunSpec.Completed(
                            each.getKey().toString(),
                            each.getValue().result().parentUID(),
                            each.getValue().result().indexSHA256(),
                            each.getValue().result().time(),
                            world.damaged.contains(each.getKey().toString())))
                    .toList()
                    .reversed();
        }

        /** Whether it, and all that it follows from, is as it was made. */
        private boolean isSound(UUID backup) {
            return ancestry(backup).stream().allMatch(each -> made.get(each).onRecord() && !damaged.contains(each));
        }

        private List<UUID> ancestry(UUID backup) {
            List<UUID> ancestry = new ArrayList<>();
            for (Optional<UUID> next = Optional.of(backup); next.isPresent(); ) {
                ancestry.add(next.get());
                next = Optional.ofNullable(made.get(next.get()).result().parentUID())
                        .map(UUID::fromString);
            }
            return ancestry;
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
            Path staging = Files.createDirectory(root.resolve("restore-" + backup));
            FolderStore store = BackupLocations.store(root.resolve(expected.location()));
            BackupExtraction extraction =
                    new BackupExtraction(store, Accounts.ownerOf(root), this::restore, bytes -> {});
            try (BackupKeys keys = BackupKeys.of(world.key, VM)) {
                BackupRef ref = new BackupRef(
                        new BackupId(VM, backup), expected.result().indexSHA256());
                var result = extraction.extract(ref, keys, staging, staging);
                boolean sound = isSound(backup);
                assertThat(findings(store, ref, keys))
                        .as("findings in " + backup)
                        .matches(found -> found.isEmpty() == sound);
                if (result instanceof BackupExtraction.Result.Refused refused) {
                    assertThat(sound).as(refused.message()).isFalse();
                    return false;
                }
                var extracted = (BackupExtraction.Result.Extracted) result;
                assertThat(extracted.disks()).hasSize(2);
                for (BackupExtraction.Disk disk : extracted.disks()) {
                    String name = disk.name().orElse("root");
                    assertThat(restored.get(disk.file()))
                            .as(name + " of " + backup + ", "
                                    + expected.result().type())
                            .isEqualTo(withoutZeros(expected.disks().get(name)));
                }
                assertThat(world.tpmIn(Files.readAllBytes(extracted.guestState()), expected.result()))
                        .isEqualTo("tpm " + expected.disks().get("root").getOrDefault(0, 0));
                // An escrow that is damaged harms no restore that has the key.
                return sound;
            } finally {
                FileTree.of(staging).delete();
            }
        }

        private static List<?> findings(FolderStore store, BackupRef ref, BackupKeys keys) throws IOException {
            return new BackupVerification(store, bytes -> {})
                    .verify(ref, keys.description())
                    .findings();
        }

        private Path folder(UUID backup) {
            return root.resolve(made.get(backup).location())
                    .resolve(VM.toString())
                    .resolve(backup.toString());
        }

        private Path path(String disk) {
            return disk.equals("root") ? world.folder.osDisk() : world.folder.dataDisk("data");
        }

        private Map<String, Map<Integer, Integer>> disks() {
            return Map.of("root", content("root"), "data", content("data"));
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
        public void create(Path file, long virtualBytes, byte[] passphrase) {
            world.create(file, virtualBytes, passphrase);
        }

        @Override
        public void copyAll(DiskExport from, Path file, byte[] passphrase) {
            write(file, withoutZeros(exported(from).blocks()));
        }

        @Override
        public void copyStopped(Path disk, DiskExport export, Path file, byte[] passphrase) {
            write(file, withoutZeros(world.backups().content(disk)));
        }

        @Override
        public long workingCopyChanges(DiskExport from, Path file, byte[] passphrase) {
            Export export = exported(from);
            Set<Integer> dirty = export.dirty().orElseThrow();
            write(
                    file,
                    dirty.stream()
                            .collect(Collectors.toMap(
                                    block -> block, block -> export.blocks().getOrDefault(block, 0))));
            return dirty.size();
        }

        private Export exported(DiskExport from) {
            String disk = from.name().equals("root") ? "root" : "data";
            return world.backups()
                    .export(VM, path(disk))
                    .orElseThrow(() -> new IllegalStateException("nothing is served"));
        }

        private static void write(Path layer, Map<Integer, Integer> blocks) {
            String text = blocks.entrySet().stream()
                    .map(block -> block.getKey() + "=" + block.getValue())
                    .collect(Collectors.joining("\n", "layer\n", ""));
            try {
                Files.writeString(layer, text, StandardOpenOption.WRITE);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private void restore(List<Path> layers, byte[] passphrase, Path disk) {
            Map<Integer, Integer> content = new TreeMap<>();
            for (Path layer : layers.reversed()) {
                content.putAll(blocks(layer));
            }
            new FakeDiskTool().create(disk, BackupWorld.BYTES);
            restored.put(disk, withoutZeros(content));
        }

        private static Map<Integer, Integer> blocks(Path layer) {
            try (Stream<String> lines = Files.lines(layer)) {
                return lines.skip(1)
                        .map(line -> line.split("=", 2))
                        .collect(Collectors.toMap(each -> Integer.valueOf(each[0]), each -> Integer.valueOf(each[1])));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() {
            world.close();
        }
    }
}
