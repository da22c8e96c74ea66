package io.trustedlaunch.e2e;

import static org.awaitility.Awaitility.await;

import io.trustedlaunch.testkit.Lab;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A copy of a VM's domain that plain libvirt runs and migrates, without the product. Its disk is read-only, so that QEMU
 * takes no lock.
 */
final class LibvirtGuest implements AutoCloseable {
    private static final String SHARED = Stage.SHARED_PATH + "/";
    private static final String PORT = "16999";
    /** One for each guest, none of those that agents keep closed. */
    private static final AtomicInteger NEXT_MIGRATION_PORT = new AtomicInteger(17_000);

    private final Lab lab;
    private final String uid;
    private final int migrationPort = NEXT_MIGRATION_PORT.getAndIncrement();
    private final List<Process> running = new ArrayList<>();
    private final Set<String> tunnels = new HashSet<>();
    private String host;

    private LibvirtGuest(Lab lab, String uid, String host) {
        this.lab = lab;
        this.uid = uid;
        this.host = host;
    }

    /** Starts on the model's host with the model's configuration; the model is not needed afterwards. */
    static LibvirtGuest copyOf(Stage stage, MigratingGuest model) {
        LibvirtGuest guest = new LibvirtGuest(stage.lab, UUID.randomUUID().toString(), model.host());
        String folder = SHARED + guest.uid;
        guest.shell("install -d -m 0710 -g libvirt-qemu " + folder + " && cp -p " + SHARED + model.uid()
                + "/os.qcow2 /run/trusted-launch/vms/" + model.uid() + "/seed.iso " + folder);
        String xml = stage.lab.exec(guest.host, "virsh", "dumpxml", "--migratable", model.uid());
        guest.write("domain.xml", plain(xml, model.uid(), guest.uid));
        return guest;
    }

    private static String plain(String xml, String model, String uid) {
        return xml.replace("/run/trusted-launch/vms/" + model, SHARED + model)
                .replace("/var/lib/trusted-launch/consoles/" + model, SHARED + model)
                .replaceAll("(?s)<metadata>.*</metadata>", "")
                .replaceAll("<encryption [^>]*/>", "")
                .replaceFirst("(<target dev='vda' bus='virtio'/>)", "$1<readonly/>")
                .replace(model, uid);
    }

    void start() {
        lab.exec(host, "virsh", "create", SHARED + uid + "/domain.xml");
    }

    String uid() {
        return uid;
    }

    String host() {
        return host;
    }

    String otherHost() {
        return lab.otherHost(host);
    }

    void awaitCounting() {
        await("the guest to count").atMost(Stage.TIMEOUT).until(() -> history().counter() >= 2);
    }

    /** Returns when the guest runs on the other host. */
    void migrate() {
        openTunnel();
        lab.exec(host, migration().toArray(String[]::new));
        host = otherHost();
    }

    Process beginMigration() {
        openTunnel();
        List<String> line = new ArrayList<>(List.of("exec", host, "--"));
        line.addAll(migration());
        return startCommand(line.toArray(String[]::new));
    }

    private List<String> migration() {
        return List.of(
                "virsh",
                "migrate",
                "--live",
                "--p2p",
                "--tls",
                "--tls-destination",
                otherHost(),
                "--unsafe",
                "--migrateuri",
                "tcp://" + otherHost() + ":" + migrationPort,
                uid,
                "qemu+unix:///system?socket=" + socket());
    }

    private String socket() {
        return "/run/plain-" + uid + ".sock";
    }

    /** Needed because libvirtd listens on no network. */
    private void openTunnel() {
        if (!tunnels.add(host)) {
            return;
        }
        startCommand(
                "exec",
                otherHost(),
                "--",
                "socat",
                "TCP-LISTEN:" + PORT + ",fork,reuseaddr,reuseport",
                "UNIX-CONNECT:/run/libvirt/libvirt-sock");
        startCommand(
                "exec",
                host,
                "--",
                "socat",
                "UNIX-LISTEN:" + socket() + ",fork,unlink-early",
                "TCP:" + otherHost() + ":" + PORT + ",retry=20,interval=0.2");
        await("a tunnel to the other host").until(() -> Files.exists(lab.onHost(host, socket().substring(1))));
    }

    /** Starts a command of the lab; {@link #close} ends it. */
    Process startCommand(String... command) {
        Process process = lab.start(command);
        running.add(process);
        return process;
    }

    /** As {@link Lab#when}; {@link #close} ends it. */
    void when(String at, MigrationPhase phase, String... command) {
        running.add(lab.when(at, phase.logged(), command));
    }

    GuestHistory history() {
        return new GuestHistory(lab.console(folder().resolve("console.log")));
    }

    private Path folder() {
        return lab.folder().resolve("shared").resolve(uid);
    }

    private void write(String name, String text) {
        try {
            Files.writeString(folder().resolve(name), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void shell(String command) {
        lab.exec(host, "sh", "-c", command);
    }

    @Override
    public void close() {
        running.forEach(process -> {
            process.descendants().forEach(ProcessHandle::destroy);
            process.destroy();
        });
        for (String each : lab.hosts()) {
            lab.run("exec", each, "--", "virsh", "destroy", uid);
            lab.exec(
                    each,
                    "sh",
                    "-c",
                    "rm -rf " + socket() + " " + SHARED + uid + " /var/lib/libvirt/swtpm/" + uid
                            + " /var/lib/libvirt/qemu/nvram/" + uid + "_VARS.fd");
        }
    }
}
