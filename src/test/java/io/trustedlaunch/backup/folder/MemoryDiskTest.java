package io.trustedlaunch.backup.folder;

class MemoryDiskTest extends FolderContract {
    private final MemoryDisk disk = new MemoryDisk();

    @Override
    Folder root() {
        return disk.folder();
    }
}
