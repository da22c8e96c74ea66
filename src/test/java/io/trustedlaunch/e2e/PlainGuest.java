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

/**
 * A copy of a VM of ours without anything of ours around it, which moves as plain libvirt moves it. Its disk is not
 * written to, so that QEMU locks nothing.
 */
final class PlainGuest implements AutoCloseable {
    private static final String SHARED = Stage.SHARED_PATH + "/";
    private static final String PORT = "16999";

    private final Lab lab;
    private final String uid;
    private final List<Process> running = new ArrayList<>();
    private final Set<String> ways = new HashSet<>();
    private String host;

    private PlainGuest(Lab lab, String uid, String host) {
        this.lab = lab;
        this.uid = uid;
        this.host = host;
    }

    /** Starts on the model's host, as the model is configured; the model may go. */
    static PlainGuest copyOf(Stage stage, MovingGuest model) {
        PlainGuest guest = new PlainGuest(stage.lab, UUID.randomUUID().toString(), model.host());
        String folder = SHARED + guest.uid;
        guest.shell("install -d -m 0710 -g libvirt-qemu " + folder + " && cp -p " + SHARED + model.uid()
                + "/os.qcow2 /run/trusted-launch/vms/" + model.uid() + "/seed.iso " + folder);
        String xml = stage.lab.exec(guest.host, "virsh", "dumpxml", "--migratable", model.uid());
        guest.write("domain.xml", plain(xml, model.uid(), guest.uid));
        return guest;
    }

    private static String plain(String xml, String model, String uid) {
        return xml.replace("/run/trusted-launch/vms/" + model, SHARED + model)
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
        return lab.hosts().get(1 - lab.hosts().indexOf(host));
    }

    void awaitCounting() {
        await("a counter that counts")
                .atMost(Stage.PATIENCE)
                .until(() -> history().counter() >= 2);
    }

    /** Returns when it runs on the other host. */
    void migrate() {
        openWay();
        lab.exec(host, migration().toArray(String[]::new));
        host = otherHost();
    }

    Process beginMigration() {
        openWay();
        List<String> line = new ArrayList<>(List.of("exec", host, "--"));
        line.addAll(migration());
        return begin(line.toArray(String[]::new));
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
                "tcp://" + otherHost(),
                uid,
                "qemu+unix:///system?socket=" + way());
    }

    private String way() {
        return "/run/plain-" + uid + ".sock";
    }

    /** As libvirtd listens on no network. */
    private void openWay() {
        if (!ways.add(host)) {
            return;
        }
        begin(
                "exec",
                otherHost(),
                "--",
                "socat",
                "TCP-LISTEN:" + PORT + ",fork,reuseaddr,reuseport",
                "UNIX-CONNECT:/run/libvirt/libvirt-sock");
        begin(
                "exec",
                host,
                "--",
                "socat",
                "UNIX-LISTEN:" + way() + ",fork,unlink-early",
                "TCP:" + otherHost() + ":" + PORT + ",retry=20,interval=0.2");
        await("a way to the other host").until(() -> Files.exists(lab.onHost(host, way().substring(1))));
    }

    /** One of the lab's commands, which ends when the guest is closed, at the latest. */
    Process begin(String... command) {
        Process process = lab.begin(command);
        running.add(process);
        return process;
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
                    "rm -rf " + way() + " " + SHARED + uid + " /var/lib/libvirt/swtpm/" + uid
                            + " /var/lib/libvirt/qemu/nvram/" + uid + "_VARS.fd");
        }
    }
}
