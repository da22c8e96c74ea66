package io.trustedlaunch.cli.plugin;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.backup.DiskName;
import io.trustedlaunch.cli.CommandException;
import io.trustedlaunch.cli.plugin.download.PartFile;
import io.trustedlaunch.cli.plugin.report.Progress;
import io.trustedlaunch.cli.plugin.terminal.ProgressLine;
import io.trustedlaunch.download.DownloadRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalInt;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kubectl tlvm backup download}. */
@Command(
        name = "download",
        description = {
            "Write one disk of a backup into a file, without a VM: the bytes of the disk (raw), with holes where they are zero.",
            "To get a qcow2 file of it: qemu-img convert -f raw -O qcow2 FILE FILE.qcow2. To look at its files without"
                    + " starting it: guestmount --format=raw -a FILE -i --ro FOLDER. Always say that it is raw: the guest could"
                    + " have written there what other formats take for the name of a file of yours.",
            "It takes ClusterRole trusted-launch-backup-download, and your name goes on record. The file has all that is on the"
                    + " disk."
        })
final class DownloadBackupCommand extends ClusterCommand {
    @Parameters(
            paramLabel = "BACKUP",
            description = "Name of a completed VMBackup. To list them: kubectl tlvm backup list.")
    private String backup;

    @Option(
            names = "--disk",
            paramLabel = "DISK",
            defaultValue = DiskName.ROOT,
            description = "Name of a data disk, or root for the OS disk; data-root is a data disk that is named root."
                    + " Default: ${DEFAULT-VALUE}.")
    private String disk;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            required = true,
            description = "The file to write. Until all is there, it is FILE.part.")
    private Path file;

    @Option(names = "--force", description = "Replace FILE if it exists.")
    private boolean replace;

    @Option(
            names = "--offset",
            paramLabel = "BYTES",
            defaultValue = "0",
            description = "Leave out that many bytes at the begin of the disk. Default: ${DEFAULT-VALUE}.")
    private long offset;

    @Option(
            names = "--length",
            paramLabel = "BYTES",
            defaultValue = "-1",
            description = "Write only that many bytes. Default: all up to the end of the disk.")
    private long length;

    @Override
    int run(KubernetesClient client) throws InterruptedException {
        DownloadRequest request = request(offset, length);
        String name = diskName(disk);
        String namespace = cluster.namespace(client);
        VMBackup from = BackupCommand.require(
                client.resources(VMBackup.class).inNamespace(namespace).withName(backup), backup, namespace);
        ProgressLine line = ProgressLine.onStandardOutput(out());
        try (PartFile to = PartFile.create(file, replace);
                AtEnd removal = new AtEnd(to::abandon)) {
            RequestedDownload.Received received =
                    new RequestedDownload(from, name, line, err()).into(to, client, request, "disk " + disk);
            line.end(new Progress(
                    received.what() + ": " + received.bytes() + " bytes are in " + file,
                    OptionalInt.empty(),
                    Progress.State.Done));
            return ExitCode.OK;
        } catch (IOException e) {
            throw new CommandException("cannot write " + file + ": " + e);
        }
    }

    private static DownloadRequest request(long offset, long length) {
        if (offset < 0 || length < DownloadRequest.TO_THE_END || length == 0) {
            throw new CommandException("--offset and --length are numbers of bytes: at least 0, and at least 1");
        }
        return new DownloadRequest(offset, length);
    }

    /** As it is called in backups. */
    static String diskName(String disk) {
        try {
            return disk.equals(DiskName.ROOT) || disk.equals(DiskName.ofData(DiskName.ROOT))
                    ? disk
                    : DiskName.ofData(disk);
        } catch (IllegalArgumentException e) {
            throw new CommandException(e.getMessage() + ": name a data disk of the VM, or root");
        }
    }
}
