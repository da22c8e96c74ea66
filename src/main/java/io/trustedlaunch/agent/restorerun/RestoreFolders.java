package io.trustedlaunch.agent.restorerun;

import io.trustedlaunch.agent.backup.BackupExtraction;
import io.trustedlaunch.agent.folder.Permit;
import io.trustedlaunch.agent.folder.VmFolder;
import io.trustedlaunch.agent.host.HypervisorAccount;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import io.trustedlaunch.files.DurableFiles;
import io.trustedlaunch.files.FileTree;
import io.trustedlaunch.gueststate.GuestStateName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * A restore in a VM's folder, whose three names show how far it is:
 *
 * <pre>
 *   .restore-UID               its files are being made; of no use to anybody else
 *   .restored-UID              all of them are there: they are the VM's from here on. Each is put in its place
 *   replaced-by-restore-UID    what was in those places; without a .restored-UID, the restore is done
 * </pre>
 *
 * <p>The second name is given in one step, and what follows can be repeated by any process of any node that shares the folder.
 * Nothing starts from a folder that has one of that name.
 */
record RestoreFolders(VmFolder vm, HypervisorAccount account, Failpoints failpoints) {
    private static final String FILES = "files";

    private void requireOwn(Permit permit, Permit.Act act) {
        if (!permit.folder(act).equals(vm)) {
            throw new IllegalStateException(permit + " is used for " + vm.path());
        }
    }

    /** Its files are in their places. */
    boolean isDone(UUID restore) {
        return isFolder(vm.replaced(restore)) && !isCommitted(restore);
    }

    boolean isCommitted(UUID restore) {
        return isFolder(vm.restored(restore));
    }

    private static boolean isFolder(Path path) {
        return Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
    }

    /**
     * Returns a new folder to make files in. The VM's folder is made if it is not there. What broken-off restores have left is
     * removed: a VM has one at a time.
     */
    Path begin(Permit permit, UUID restore) throws IOException {
        requireOwn(permit, Permit.Act.RESTORE);
        discard();
        account.makePassage(vm.path());
        account.makePassage(vm.restore(restore));
        return vm.restore(restore);
    }

    /** A VM's folder that was made for it goes, too. */
    void discard() throws IOException {
        for (Path left : list(vm.path(), VmFolder::isRestore)) {
            delete(left);
        }
        if (isFolder(vm.path()) && list(vm.path(), file -> true).isEmpty()) {
            Files.delete(vm.path());
        }
    }

    /**
     * The VM has the backup's content from the moment that this returns.
     *
     * @param state the guest state that it gets from there; empty: only disks
     */
    void commit(Permit permit, UUID restore, BackupExtraction.Result.Extracted made, Optional<GuestStateVersion> state)
            throws IOException {
        requireOwn(permit, Permit.Act.RESTORE);
        Path files = vm.restore(restore).resolve(FILES);
        account.makePassage(files);
        for (BackupExtraction.Disk disk : made.disks()) {
            Path place = disk.dataDisk().map(vm::dataDisk).orElseGet(vm::osDisk);
            DurableFiles.publish(disk.file(), files.resolve(place.getFileName()));
        }
        if (state.isPresent()) {
            DurableFiles.publish(made.guestState(), files.resolve(GuestStateName.of(state.get())));
        }
        failpoints.reached(Failpoint.RESTORE_MADE);
        DurableFiles.publish(files, vm.restored(restore));
        failpoints.reached(Failpoint.RESTORE_COMMITTED);
    }

    /** Files of some committed restore are not in their places. */
    boolean isUnfinished() throws IOException {
        return !committed().isEmpty();
    }

    private List<Path> committed() throws IOException {
        return list(vm.path(), file -> VmFolder.restoredBy(file).isPresent() && isFolder(file));
    }

    /** Puts the files of every committed restore in their places, and what is there aside. */
    void finish(Permit permit) throws IOException {
        requireOwn(permit, Permit.Act.FINISH);
        for (Path files : committed()) {
            finish(files, vm.replaced(VmFolder.restoredBy(files).orElseThrow()));
        }
    }

    /** The guest state last: without it no start from the backup is possible. */
    private void finish(Path files, Path aside) throws IOException {
        account.makePassage(aside);
        DurableFiles.sync(vm.path());
        failpoints.reached(Failpoint.RESTORE_ASIDE_MADE);
        for (Path state : list(files, file -> version(file).isPresent())) {
            setLaterStatesAside(version(state).orElseThrow(), aside);
        }
        for (Path disk : list(files, VmFolder::isDisk)) {
            place(disk, aside);
            failpoints.reached(Failpoint.RESTORE_DISK_PLACED);
        }
        for (Path state : list(files, file -> version(file).isPresent())) {
            place(state, aside);
            failpoints.reached(Failpoint.RESTORE_STATE_PLACED);
        }
        delete(files);
        DurableFiles.sync(vm.path());
    }

    private static Optional<GuestStateVersion> version(Path file) {
        return GuestStateName.parse(file.getFileName().toString());
    }

    /** A start must not take one of them for the newest state of these disks, whatever the cluster remembers. */
    private void setLaterStatesAside(GuestStateVersion restored, Path aside) throws IOException {
        for (Path state : list(
                vm.path(),
                file -> version(file)
                        .filter(version -> version.compareTo(restored) > 0)
                        .isPresent())) {
            move(state, aside);
        }
    }

    private void place(Path file, Path aside) throws IOException {
        Path place = vm.path().resolve(file.getFileName());
        if (Files.exists(place, LinkOption.NOFOLLOW_LINKS)) {
            move(place, aside);
            failpoints.reached(Failpoint.RESTORE_FILE_SET_ASIDE);
        }
        move(file, vm.path());
    }

    private static void move(Path file, Path folder) throws IOException {
        Files.move(file, folder.resolve(file.getFileName()), StandardCopyOption.ATOMIC_MOVE);
        DurableFiles.sync(folder);
        DurableFiles.sync(file.getParent());
    }

    private static List<Path> list(Path folder, Predicate<Path> which) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(which).sorted(Comparator.naturalOrder()).toList();
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    private void delete(Path tree) throws IOException {
        new FileTree(vm.location(), vm.location().relativize(tree)).delete();
    }
}
