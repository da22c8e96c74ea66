package io.trustedlaunch.e2e;

import io.trustedlaunch.testkit.Lab;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a guest wrote to its serial console on all hosts, in that order. Each host has a log of its own; what is new since
 * the last call comes first from the host that the guest was on then.
 */
final class ConsoleHistory {
    private final Lab lab;
    private final String uid;
    private final StringBuilder text = new StringBuilder();
    private final Map<String, Integer> read = new HashMap<>();
    private String last = "";

    ConsoleHistory(Lab lab, String uid) {
        this.lab = lab;
        this.uid = uid;
    }

    synchronized String text() {
        List<String> hosts = lab.hosts().stream()
                .sorted(Comparator.comparing((String host) -> !host.equals(last))
                        .thenComparing(this::lastWritten))
                .toList();
        hosts.forEach(this::readOn);
        return text.toString();
    }

    private void readOn(String host) {
        String log = lab.console(log(lab, host, uid));
        int from = read.getOrDefault(host, 0);
        if (log.length() < from) {
            // Another one: the VM's was removed with it.
            from = 0;
        }
        if (log.length() > from) {
            text.append(log, from, log.length());
            read.put(host, log.length());
            last = host;
        }
    }

    private FileTime lastWritten(String host) {
        Path log = log(lab, host, uid);
        try {
            return Files.exists(log) ? Files.getLastModifiedTime(log) : FileTime.fromMillis(0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Path log(Lab lab, String host, String uid) {
        return lab.onHost(host, "var/lib/trusted-launch/consoles").resolve(uid).resolve("console.log");
    }
}
