package io.trustedlaunch.cli.plugin;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupMode;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupSpec;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.backup.DiskName;
import io.trustedlaunch.cli.CommandException;
import io.trustedlaunch.cli.plugin.capture.CaptureChecks;
import io.trustedlaunch.cli.plugin.capture.CapturedImage;
import io.trustedlaunch.cli.plugin.catalog.ImageFile;
import io.trustedlaunch.cli.plugin.catalog.ImageLabel;
import io.trustedlaunch.cli.plugin.download.PartFile;
import io.trustedlaunch.cli.plugin.report.Progress;
import io.trustedlaunch.cli.plugin.terminal.ProgressLine;
import io.trustedlaunch.download.DownloadRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.OptionalInt;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code kubectl tlvm image capture}: the OS disk of a backup of a VM that was off, read as {@code backup download} reads it, and
 * written as an image.
 */
@Command(
        name = "capture",
        description = {
            "Make an image (qcow2) from the OS disk of a VM that is off, with its entry for a catalog in FILE.yaml, which"
                    + " kubectl tlvm catalog draft reads, and print the manifest of its GuestImage.",
            "Generalize the guest before you shut it down: sysprep /generalize on Windows; cloud-init clean --machine-id and"
                    + " the removal of SSH host keys on Linux. The image has all that is on the OS disk, and every VM that is"
                    + " made from it begins with that. The VM's TPM, keys, UEFI variables and data disks are not in it: what"
                    + " BitLocker or LUKS has sealed to the VM's TPM does not open in another VM.",
            "A backup is made for it in a BackupLocation and removed at the end, or an existing one is read. It takes ClusterRole"
                    + " trusted-launch-backup-download, and your name goes on record. Policies decide over the image as over"
                    + " any other."
        })
final class CaptureImageCommand extends ClusterCommand {
    private static final String WARNING = "the image has all that is on the OS disk of VM %s, and a guest that was not"
            + " generalized gives its identity to every VM that is made from it. Its TPM, keys and UEFI variables stay behind:"
            + " what BitLocker or LUKS has sealed to that TPM does not open in another VM";

    @Parameters(paramLabel = "VM", description = "Name of the VM.")
    private String vm;

    @ArgGroup(multiplicity = "1")
    private Source source;

    /** Where the disk is read from: one of them. */
    static final class Source {
        @Option(
                names = "--location",
                paramLabel = "LOCATION",
                description =
                        "Name of a BackupLocation for a backup that is made for this and removed at the end, which takes"
                                + " ClusterRole trusted-launch-prune.")
        private String location;

        @Option(
                names = "--backup",
                paramLabel = "BACKUP",
                description = "Name of a VMBackup that was made while the VM was off, instead. It stays.")
        private String backup;
    }

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            required = true,
            description = "The file to write, such as golden.qcow2. Until all is there, it is FILE.part.")
    private Path file;

    @Option(names = "--force", description = "Replace FILE and FILE.yaml if they exist.")
    private boolean replace;

    @Option(
            names = "--compress",
            description = "Compress the image. It takes more time, and the image is the same to its VMs.")
    private boolean compress;

    @Mixin
    private CapturedImageNames names;

    @Override
    int run(KubernetesClient client) throws InterruptedException {
        names.requireValid();
        String namespace = cluster.namespace(client);
        requireRights(new Rights(client, namespace));
        ProgressLine line = ProgressLine.onStandardError(err());
        Path label = ImageLabel.of(file);
        try (PartFile image = PartFile.create(file, replace);
                AtEnd imageRemoval = new AtEnd(image::abandon);
                PartFile entry = PartFile.create(label, replace);
                AtEnd entryRemoval = new AtEnd(entry::abandon)) {
            CapturedImage captured = new CapturedImage(image, compress);
            String what = source.backup == null
                    ? captureNow(client, namespace, captured, line)
                    : captureExisting(client, namespace, captured, line);
            publish(entry, names.label().toYaml());
            report(what, captured.read(), label, line);
            out().document(names.manifest(vm, file, captured.read()));
            return ExitCode.OK;
        } catch (IOException e) {
            throw new CommandException("cannot write " + file + ": " + e);
        }
    }

    /** Before anything is made: the disk is read last. */
    private void requireRights(Rights rights) {
        if (!rights.include("create", "vmbackupdownloads")) {
            throw new CommandException("you may not read disks of backups in namespace " + rights.namespace()
                    + ": ask an administrator to bind ClusterRole trusted-launch-backup-download to you there");
        }
        if (source.backup == null && !rights.include("prune", "vmbackups")) {
            throw new CommandException("you may not remove the files of backups in namespace " + rights.namespace()
                    + ", so none is made for this: make one that stays with kubectl tlvm backup create " + vm
                    + " --location " + source.location
                    + " --wait, and name it with --backup; or ask an administrator to"
                    + " bind ClusterRole trusted-launch-prune to you there");
        }
    }

    private String captureNow(KubernetesClient client, String namespace, CapturedImage captured, ProgressLine line)
            throws IOException, InterruptedException {
        TrustedLaunchVM off = cluster.getVm(client, vm);
        CaptureChecks.obstacle(off).ifPresent(CaptureImageCommand::refuse);
        requireLocation(new Offers(client, namespace));
        err().line(WARNING.formatted(vm));
        try (TemporaryBackup made = TemporaryBackup.make(client, backup(namespace), err())) {
            return capture(client, made.await(line), captured, line);
        }
    }

    /** If this user may not see locations, the operator says whether it can be used. */
    private void requireLocation(Offers offers) {
        try {
            offers.require(BackupLocation.class, source.location);
        } catch (Offers.ForbiddenException e) {
            return;
        }
    }

    private String captureExisting(KubernetesClient client, String namespace, CapturedImage captured, ProgressLine line)
            throws IOException, InterruptedException {
        VMBackup existing = BackupCommand.require(
                client.resources(VMBackup.class).inNamespace(namespace).withName(source.backup),
                source.backup,
                namespace);
        CaptureChecks.obstacle(existing, vm).ifPresent(CaptureImageCommand::refuse);
        err().line(WARNING.formatted(vm));
        return capture(client, existing, captured, line);
    }

    private String capture(KubernetesClient client, VMBackup backup, CapturedImage captured, ProgressLine line)
            throws IOException, InterruptedException {
        // Also of one that was made for this: the VM may have been started before it began.
        CaptureChecks.obstacle(backup, vm).ifPresent(CaptureImageCommand::refuse);
        return new RequestedDownload(backup, DiskName.ROOT, line, err())
                .into(captured, client, DownloadRequest.WHOLE, "OS disk")
                .what();
    }

    private static void refuse(String why) {
        throw new CommandException(why);
    }

    private VMBackup backup(String namespace) {
        VMBackup backup = new VMBackup();
        backup.setMetadata(new ObjectMetaBuilder()
                .withNamespace(namespace)
                .withGenerateName(vm + "-capture-")
                .build());
        backup.setSpec(new VMBackupSpec(new ObjectRef(vm), new ObjectRef(source.location), BackupMode.Auto));
        return backup;
    }

    private static void publish(PartFile file, String content) throws IOException {
        byte[] bytes = content.getBytes(UTF_8);
        file.write(0, ByteBuffer.wrap(bytes));
        file.publish(bytes.length);
    }

    private void report(String what, ImageFile read, Path label, ProgressLine line) {
        line.end(new Progress(
                what + ": " + read.size() + " bytes of " + read.format() + " are in " + file + ", sha256 "
                        + read.sha256() + "; its entry for a catalog is in " + label
                        + ". Next: kubectl tlvm catalog draft",
                OptionalInt.empty(),
                Progress.State.Done));
    }
}
