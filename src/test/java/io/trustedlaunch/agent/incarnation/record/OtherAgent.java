package io.trustedlaunch.agent.incarnation.record;

import java.nio.file.Path;
import java.util.UUID;

/** Run by {@link VmRecordStoreTest} in a process of its own: another agent that uses the same records. */
final class OtherAgent {
    private OtherAgent() {}

    /** @param arguments the folder of the records, the VM, and how many disks to record */
    public static void main(String[] arguments) {
        VmRecordStore store = new VmRecordStore(Path.of(arguments[0]));
        UUID vm = UUID.fromString(arguments[1]);
        System.out.println("begins");
        for (int disk = 0; disk < Integer.parseInt(arguments[2]); disk++) {
            String name = "other-" + disk;
            store.updateOrBegin(vm, record -> record.withDisk(name));
        }
    }
}
