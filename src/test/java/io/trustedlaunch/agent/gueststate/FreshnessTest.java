package io.trustedlaunch.agent.gueststate;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.host.VmQueue;
import io.trustedlaunch.agent.host.WorkMeter;
import io.trustedlaunch.agent.hypervisor.WorkingCopy;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.custody.ProtectionKey;
import io.trustedlaunch.failpoint.Failpoints;
import io.trustedlaunch.files.DurableFiles;
import io.trustedlaunch.gueststate.GuestState;
import io.trustedlaunch.gueststate.GuestStateName;
import io.trustedlaunch.testkit.Claimants;
import io.trustedlaunch.testkit.VariableStores;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Measures the time from a change of the working copy until it is durable in the home, with a real file system, inotify and
 * files of the usual size. Prints lag and bytes without checking them; {@code -Dfreshness.changes=1000} gives stable figures.
 */
class FreshnessTest {
    private static final int CHANGES = Integer.getInteger("freshness.changes", 60);

    /** The variables of a new VM on this host. */
    private static final Path TEMPLATE = Path.of("/usr/share/OVMF/OVMF_VARS_4M.ms.fd");

    /** The size of swtpm's state for a TPM with a few objects. */
    private static final int TPM_BYTES = 6_000;

    private static final UUID VM = UUID.randomUUID();

    private record Sealed(GuestStateVersion version, long atNanos) {}

    @TempDir
    private Path root;

    private final Random random = new Random(1);
    private final BlockingQueue<Sealed> sealed = new LinkedBlockingQueue<>();
    private GuestStateKeeper keeper;

    @Test
    void everyChangeIsSealedAndItsLagIsPrinted() throws Exception {
        Path home = Files.createDirectory(root.resolve("home"));
        WorkingCopy copy = makeCopy();
        List<Long> lags = new ArrayList<>();
        List<Long> bytes = new ArrayList<>();
        try (VmQueue queue = new VmQueue("seal", 2, vm -> keeper.seal(vm));
                GuestStateKeeper opened = new GuestStateKeeper(
                        InotifyChanges.notifying(queue::wake), InstantSource.system(), vm -> {}, WorkMeter.NONE)) {
            keeper = opened;
            keeper.begin(sealer(home), copy);
            awaitSealed(1);
            for (int change = 0; change < CHANGES; change++) {
                long at = System.nanoTime();
                if (change % 2 == 0) {
                    replaceTpm(copy.tpmState());
                } else {
                    writeVariable(copy.variables());
                }
                Sealed next = awaitSealed(change + 2L);
                lags.add(TimeUnit.NANOSECONDS.toMicros(next.atNanos() - at));
                bytes.add(Files.size(home.resolve(GuestStateName.of(next.version()))));
            }
        }
        System.out.printf(
                "freshness of %d changes: lag p50 %.1f ms, p99 %.1f ms, most %.1f ms; %d bytes sealed per change; load %.1f%n",
                CHANGES,
                percentile(lags, 50) / 1000.0,
                percentile(lags, 99) / 1000.0,
                percentile(lags, 100) / 1000.0,
                percentile(bytes, 50),
                ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
    }

    /** Includes the agent's own durable record, as in production. */
    private GuestStateSealer sealer(Path home) throws IOException {
        return GuestStateSealer.open(
                1,
                Claimants.HOST_A,
                Optional.empty(),
                Optional.empty(),
                "ab".repeat(32),
                new Home(new DiskHomeFiles(home), "host-a", UUID::randomUUID, Failpoints.none()),
                ProtectionKey.generate(new SecureRandom()).guestStateKey(VM),
                new SecureRandom(),
                this::remember);
    }

    private void remember(GuestState state) {
        try {
            DurableFiles.write(root.resolve("record"), new byte[400]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        sealed.add(new Sealed(state.version(), System.nanoTime()));
    }

    private Sealed awaitSealed(long generation) throws InterruptedException {
        Sealed next = sealed.poll(60, TimeUnit.SECONDS);
        assertThat(next).isNotNull();
        assertThat(next.version()).isEqualTo(new GuestStateVersion(1L, generation));
        return next;
    }

    private WorkingCopy makeCopy() throws IOException {
        Path tpm = Files.createDirectories(root.resolve("swtpm/tpm2")).resolve("tpm2-00.permall");
        Path variables = Files.createDirectories(root.resolve("nvram")).resolve(VM + "_VARS.fd");
        replaceTpm(tpm);
        Files.write(
                variables,
                Files.exists(TEMPLATE)
                        ? Files.readAllBytes(TEMPLATE)
                        : VariableStores.with("platform key", "boot order"));
        return new WorkingCopy(VM, tpm, variables, WorkingCopy.State.PRESENT);
    }

    /** Writes as swtpm does. */
    private void replaceTpm(Path state) throws IOException {
        byte[] encrypted = new byte[TPM_BYTES];
        random.nextBytes(encrypted);
        Path temporary = Files.write(state.resolveSibling("TMP2-00.permall"), encrypted);
        Files.move(temporary, state, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Writes in place, as firmware does; changes the content of the first variable. */
    private void writeVariable(Path file) throws IOException {
        try (FileChannel variables = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer name = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            variables.read(name, VariableStores.FIRST_VARIABLE + 36);
            byte[] value = new byte[1];
            long at = VariableStores.FIRST_VARIABLE + 60L + name.flip().getInt();
            variables.read(ByteBuffer.wrap(value), at);
            value[0]++;
            variables.write(ByteBuffer.wrap(value), at);
        }
    }

    private static long percentile(List<Long> values, int percent) {
        List<Long> sorted = values.stream().sorted().toList();
        return sorted.get(Math.max(0, (sorted.size() * percent + 99) / 100 - 1));
    }
}
