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
 * In which processes a VM's guest executes, and when, whatever libvirt and the agents say: a virtual CPU is a thread, and
 * the kernel counts for how long it ran. Two guests are two processes whose times overlap.
 */
public final class GuestWatch implements AutoCloseable {
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(25);
    private static final int LOOKS_BETWEEN_SEARCHES = 20;

    /** A guest that stands still is looked into now and then, for microseconds. One that runs has a counter to count. */
    private static final long EXECUTES_FROM_NANOS = 3_000_000;

    private static final int FLAGS = 6;

    /** PF_EXITING of the kernel. */
    private static final long EXITING = 4;

    private final String uid;
    private final Map<String, String> hostsByNetwork;
    private final Map<Long, Life> lives = new ConcurrentHashMap<>();
    private final Thread thread;
    private volatile boolean closed;
    private volatile long lastSeen;
    private volatile long longestPause;

    /** One QEMU process, from the first time that its guest was seen to execute to the last; nanoseconds of this JVM. */
    public record Life(long pid, String host, long first, long last) {
        boolean overlaps(Life other) {
            return pid != other.pid && first <= other.last && other.first <= last;
        }
    }

    private GuestWatch(String uid, Map<String, String> hostsByNetwork) {
        this.uid = uid;
        this.hostsByNetwork = hostsByNetwork;
        this.lastSeen = System.nanoTime();
        this.thread = Thread.ofPlatform().daemon().name("watch-" + uid).start(this::watch);
    }

    public static GuestWatch of(Lab lab, String uid) {
        Map<String, String> hosts = new HashMap<>();
        for (String host : lab.hosts()) {
            hosts.put(lab.exec(host, "readlink", "/proc/self/ns/net").strip(), host);
        }
        return new GuestWatch(uid, hosts);
    }

    public Collection<Life> lives() {
        return lives.values().stream()
                .sorted(Comparator.comparingLong(Life::first))
                .toList();
    }

    /** Empty: never did two run at once. */
    public Optional<String> twoAtOnce() {
        Collection<Life> all = lives();
        return all.stream()
                .filter(one -> all.stream().anyMatch(one::overlaps))
                .findFirst()
                .map(one -> "two guests ran at once: " + all);
    }

    /** The host whose guest executed last. */
    public Optional<String> host() {
        return lives.values().stream().max(Comparator.comparingLong(Life::last)).map(Life::host);
    }

    /** The longest time without a guest that executed, since the last call. */
    public Duration longestPause() {
        long pause = Math.max(longestPause, System.nanoTime() - lastSeen);
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
        for (int look = 0; !closed; look++) {
            if (look % LOOKS_BETWEEN_SEARCHES == 0) {
                cpus = search();
            }
            for (VirtualCpu cpu : cpus) {
                long now = executed(cpu.statistics());
                Long before = counted.put(cpu.statistics(), now);
                if (before != null && now - before >= EXECUTES_FROM_NANOS && !isExiting(cpu)) {
                    seen(cpu);
                }
            }
            if (!rest()) {
                return;
            }
        }
    }

    private void seen(VirtualCpu cpu) {
        long now = System.nanoTime();
        lives.merge(
                cpu.pid(),
                new Life(cpu.pid(), cpu.host(), now, now),
                (life, more) -> new Life(life.pid(), life.host(), life.first(), now));
        longestPause = Math.max(longestPause, now - lastSeen);
        lastSeen = now;
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

    /**
     * The last thread of a process that ends gives its memory back, which takes milliseconds; it executes no guest any more.
     */
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

    /** Empty: the thread has ended. */
    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException | UncheckedIOException e) {
            return "";
        }
    }

    private static boolean rest() {
        try {
            Thread.sleep(BETWEEN_LOOKS);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
