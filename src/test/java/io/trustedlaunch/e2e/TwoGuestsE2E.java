package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.trustedlaunch.testkit.GuestWatch;
import io.trustedlaunch.testkit.Lab;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * That two guests are seen where there are two: libvirt runs them when it is left alone, the migration is not paused at
 * its end, and the link is cut as the target is to say that it runs the guest.
 */
@Tag("campaign")
class TwoGuestsE2E {
    private static final String SHARED = "/var/lib/trusted-launch-shared/";
    private static final String WAY = "/run/two-guests.sock";
    private static final String PORT = "16999";
    /** Longer than libvirt waits for the other host. */
    private static final int CUT = 50;

    @Test
    void plainLibvirtRunsTwoGuestsAndTheTestsSeeIt() {
        try (Stage stage = Stage.open("two");
                PlainGuest guest = PlainGuest.start(stage)) {
            try (GuestWatch watch = GuestWatch.of(stage.lab, guest.uid)) {
                await("a counter that counts")
                        .atMost(Stage.PATIENCE)
                        .until(() -> guest.history().counter() >= 2);
                assertThat(watch.twoAtOnce()).isEmpty();

                guest.migrateWithACutLink();

                await("two guests")
                        .atMost(Duration.ofSeconds(CUT))
                        .until(() -> watch.twoAtOnce().isPresent());
                await("numbers that are said twice")
                        .atMost(Duration.ofSeconds(CUT))
                        .until(() -> guest.history().fault().isPresent());
                System.out.println(
                        "Seen: " + watch.twoAtOnce() + ", " + guest.history().fault());
            }
        }
    }

    /** A copy of a VM of ours without anything of ours around it. Its disk is not written to, so that QEMU locks nothing. */
    private static final class PlainGuest implements AutoCloseable {
        private final Lab lab;
        private final String uid;
        private final String source;
        private final String target;
        private final List<Process> helpers = new ArrayList<>();

        private PlainGuest(Lab lab, String uid, String source, String target) {
            this.lab = lab;
            this.uid = uid;
            this.source = source;
            this.target = target;
        }

        static PlainGuest start(Stage stage) {
            MovingGuest model = MovingGuest.start(stage, "model");
            String uid = UUID.randomUUID().toString();
            PlainGuest guest = new PlainGuest(stage.lab, uid, model.host(), model.otherHost());
            String folder = SHARED + uid;
            guest.shell("install -d -m 0710 -g libvirt-qemu " + folder + " && cp -p " + SHARED + model.uid()
                    + "/os.qcow2 /run/trusted-launch/vms/" + model.uid() + "/seed.iso " + folder);
            String xml = stage.lab.exec(guest.source, "virsh", "dumpxml", "--migratable", model.uid());
            guest.write("domain.xml", plain(xml, model.uid(), uid));
            stage.delete("model");
            stage.lab.exec(guest.source, "virsh", "create", folder + "/domain.xml");
            return guest;
        }

        private static String plain(String xml, String model, String uid) {
            return xml.replace("/run/trusted-launch/vms/" + model, SHARED + model)
                    .replaceAll("(?s)<metadata>.*</metadata>", "")
                    .replaceAll("<encryption [^>]*/>", "")
                    .replaceFirst("(<target dev='vda' bus='virtio'/>)", "$1<readonly/>")
                    .replace(model, uid);
        }

        void migrateWithACutLink() {
            helpers.add(lab.begin(
                    "exec",
                    target,
                    "--",
                    "socat",
                    "TCP-LISTEN:" + PORT + ",fork,reuseaddr",
                    "UNIX-CONNECT:/run/libvirt/libvirt-sock"));
            helpers.add(lab.begin(
                    "exec",
                    source,
                    "--",
                    "socat",
                    "UNIX-LISTEN:" + WAY + ",fork,unlink-early",
                    "TCP:" + target + ":" + PORT));
            // The question whether all is there reaches a libvirtd that waits; it answers when nobody hears it any
            // more.
            helpers.add(lab.begin("when", source, MovePhase.SWITCH_OVER.logged(), "libvirtd", target, "pause"));
            helpers.add(lab.begin(
                    "when",
                    source,
                    MovePhase.FINISH.logged(),
                    "link",
                    source,
                    "deaf",
                    target,
                    "--for",
                    String.valueOf(CUT)));
            await("a way to the other host").until(() -> Files.exists(lab.onHost(source, WAY.substring(1))));
            helpers.add(lab.begin(
                    "exec",
                    source,
                    "--",
                    "virsh",
                    "migrate",
                    "--live",
                    "--p2p",
                    "--tls",
                    "--tls-destination",
                    target,
                    "--unsafe",
                    "--migrateuri",
                    "tcp://" + target,
                    uid,
                    "qemu+unix:///system?socket=" + WAY));
            await("a source that hears nothing")
                    .atMost(Stage.PATIENCE)
                    .until(() -> lab.exec(target, "ip", "neigh", "show", "nud", "permanent")
                            .contains("lladdr"));
            lab.run("libvirtd", target, "resume").orFail();
        }

        GuestHistory history() {
            return new GuestHistory(
                    lab.console(lab.folder().resolve("shared").resolve(uid).resolve("console.log")));
        }

        private void write(String name, String text) {
            try {
                Path file = lab.folder().resolve("shared").resolve(uid).resolve(name);
                Files.writeString(file, text);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private void shell(String command) {
            lab.exec(source, "sh", "-c", command);
        }

        @Override
        public void close() {
            helpers.forEach(helper -> {
                helper.descendants().forEach(ProcessHandle::destroy);
                helper.destroy();
            });
            lab.run("libvirtd", target, "resume");
            lab.run("link", source, "up", target);
            lab.hosts().forEach(host -> lab.run("exec", host, "--", "virsh", "destroy", uid));
            lab.hosts()
                    .forEach(host -> lab.exec(
                            host,
                            "sh",
                            "-c",
                            "rm -rf " + SHARED + uid + " /var/lib/libvirt/swtpm/" + uid
                                    + " /var/lib/libvirt/qemu/nvram/" + uid + "_VARS.fd"));
        }
    }
}
