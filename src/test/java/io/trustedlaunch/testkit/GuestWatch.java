package io.trustedlaunch.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Observes which processes execute a VM's guest, and when, independently of libvirt and the agents: a virtual CPU is a
 * thread, and the kernel counts its run time. Two guests are two processes whose executions overlap.
 */
public final class GuestWatch implements AutoCloseable {
    private static final Duration POLL_INTERVAL = Duration.ofMillis(25);
    private static final int POLLS_BETWEEN_SEARCHES = 20;

    /** The threads of a paused guest run for microseconds now and then; a running guest counts, which takes longer. */
    private static final long EXECUTES_FROM_NANOS = 3_000_000;

    private static final int FLAGS = 6;

    /** PF_EXITING of the kernel. */
    private static final long EXITING = 4;

    private final String uid;
    private final Map<String, String> hostsByNetwork;
    private final Map<Long, Execution> executions = new ConcurrentHashMap<>();
    private final Thread thread;
    private volatile boolean closed;
    private volatile long lastExecution;
    private volatile long longestPause;

    /** One QEMU process, with the first and the last time that its guest executed, by {@link System#nanoTime}. */
    public record Execution(long pid, String host, long first, long last) {
        boolean overlaps(Execution other) {
            return pid != other.pid && first <= other.last && other.first <= last;
        }
    }

    private GuestWatch(String uid, Map<String, String> hostsByNetwork) {
        this.uid = uid;
        this.hostsByNetwork = hostsByNetwork;
        this.lastExecution = System.nanoTime();
        this.thread = Thread.ofPlatform().daemon().name("watch-" + uid).start(this::watch);
    }

    public static GuestWatch of(Lab lab, String uid) {
        Map<String, String> hosts = new HashMap<>();
        for (String host : lab.hosts()) {
            hosts.put(lab.exec(host, "readlink", "/proc/self/ns/net").strip(), host);
        }
        return new GuestWatch(uid, hosts);
    }

    public Collection<Execution> executions() {
        return executions.values().stream()
                .sorted(Comparator.comparingLong(Execution::first))
                .toList();
    }

    /** A description of two guests that ran at once; empty if that never happened. */
    public Optional<String> twoAtOnce() {
        Collection<Execution> all = executions();
        return all.stream()
                .filter(one -> all.stream().anyMatch(one::overlaps))
                .findFirst()
                .map(one -> "two guests ran at once: " + all);
    }

    /** The host on which the guest executed last. */
    public Optional<String> host() {
        return executions.values().stream()
                .max(Comparator.comparingLong(Execution::last))
                .map(Execution::host);
    }

    /** The longest time in which no guest executed, since the last call. */
    public Duration longestPause() {
        long pause = Math.max(longestPause, System.nanoTime() - lastExecution);
        longestPause = 0;
        return Duration.ofNanos(pause);
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }

    private record VirtualCpu(long pid, String host, Path statistics) {}

    private void watch() {
        Map<Path, Long> counted = new HashMap<>();
        List<VirtualCpu> cpus = List.of();
        for (int poll = 0; !closed; poll++) {
            if (poll % POLLS_BETWEEN_SEARCHES == 0) {
                cpus = search();
            }
            for (VirtualCpu cpu : cpus) {
                long now = executed(cpu.statistics());
                Long before = counted.put(cpu.statistics(), now);
                if (before != null && now - before >= EXECUTES_FROM_NANOS && !isExiting(cpu)) {
                    recordExecution(cpu);
                }
            }
            if (!sleep()) {
                return;
            }
        }
    }

    private void recordExecution(VirtualCpu cpu) {
        long now = System.nanoTime();
        executions.merge(
                cpu.pid(),
                new Execution(cpu.pid(), cpu.host(), now, now),
                (execution, more) -> new Execution(execution.pid(), execution.host(), execution.first(), now));
        longestPause = Math.max(longestPause, now - lastExecution);
        lastExecution = now;
    }

    private List<VirtualCpu> search() {
        try (Stream<ProcessHandle> processes = ProcessHandle.allProcesses()) {
            return processes
                    .map(ProcessHandle::pid)
                    .filter(this::isOfTheVm)
                    .flatMap(pid -> cpus(pid).stream())
                    .toList();
        }
    }

    private boolean isOfTheVm(long pid) {
        try {
            String line = Files.readString(Path.of("/proc/" + pid + "/cmdline"), StandardCharsets.ISO_8859_1);
            return line.contains("qemu-system") && line.contains("-uuid\0" + uid);
        } catch (IOException e) {
            return false;
        }
    }

    private List<VirtualCpu> cpus(long pid) {
        Path process = Path.of("/proc/" + pid);
        try (Stream<Path> threads = Files.list(process.resolve("task"))) {
            String network = Files.readSymbolicLink(process.resolve("ns/net")).toString();
            String host = hostsByNetwork.getOrDefault(network, network);
            return threads.filter(thread -> read(thread.resolve("comm")).startsWith("CPU "))
                    .map(thread -> new VirtualCpu(pid, host, thread.resolve("schedstat")))
                    .toList();
        } catch (IOException | UncheckedIOException e) {
            return List.of();
        }
    }

    /** An ending process takes milliseconds to free its memory, without executing a guest. */
    private static boolean isExiting(VirtualCpu cpu) {
        String line = read(cpu.statistics().resolveSibling("stat"));
        // After the name in brackets: state, five ids, flags (proc(5)).
        String[] fields = line.substring(line.lastIndexOf(')') + 1).strip().split(" ");
        return fields.length <= FLAGS || (Long.parseLong(fields[FLAGS]) & EXITING) != 0;
    }

    private static long executed(Path statistics) {
        String line = read(statistics);
        int end = line.indexOf(' ');
        return end < 0 ? 0 : Long.parseLong(line.substring(0, end));
    }

    /** Empty if the thread has ended. */
    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException | UncheckedIOException e) {
            return "";
        }
    }

    private static boolean sleep() {
        try {
            Thread.sleep(POLL_INTERVAL);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
