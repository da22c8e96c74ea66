package io.trustedlaunch.agent.hypervisor;

import java.nio.file.Path;
import java.util.UUID;

/** Why a call to the hypervisor failed: a closed set, so that callers handle each case. */
public sealed interface HypervisorFailure {
    String message();

    /** libvirtd does not respond. The next call connects again. */
    record Unavailable(String detail) implements HypervisorFailure {
        @Override
        public String message() {
            return "libvirtd on this node does not respond: " + detail + "; check that its service is running";
        }
    }

    /** The TPM's state is missing or empty. The domain was not started, because libvirt would have made a new TPM. */
    record TpmStateMissing(Path file) implements HypervisorFailure {
        @Override
        public String message() {
            return "the TPM state " + file + " is missing or empty, and a new TPM is not made in its place: restore it";
        }
    }

    /** The UEFI variables are missing or empty, but their TPM exists. */
    record VariablesMissing(Path file) implements HypervisorFailure {
        @Override
        public String message() {
            return "the UEFI variables " + file
                    + " are missing or empty, and new ones are not made in their place: restore them";
        }
    }

    /** No firmware with Secure Boot and enrolled keys is installed. */
    record FirmwareMissing(String detail) implements HypervisorFailure {
        @Override
        public String message() {
            return "this node has no suitable UEFI firmware: " + detail + "; install OVMF";
        }
    }

    /** A network of the VM is not active on this host. */
    record NetworkMissing(String network) implements HypervisorFailure {
        @Override
        public String message() {
            return "this node has no active libvirt network " + network
                    + "; start it with virsh net-start, or change the VM's networks";
        }
    }

    /** This host's libvirt lacks the filter of a network card. */
    record NetworkFilterMissing(String filter) implements HypervisorFailure {
        @Override
        public String message() {
            return "libvirt on this node has no network filter " + filter
                    + " (virsh nwfilter-list); install libvirt's network filters, or define it with virsh nwfilter-define";
        }
    }

    /** libvirt failed to start the domain. */
    record StartFailed(String detail) implements HypervisorFailure {
        @Override
        public String message() {
            return "libvirt cannot start the guest: " + detail + "; see libvirt's log on this node";
        }
    }

    /** This host has no domain of the VM. */
    record DomainMissing(UUID vm) implements HypervisorFailure {
        @Override
        public String message() {
            return "this node has no domain of VM " + vm;
        }
    }

    /** This host has a domain of another incarnation of the VM. */
    record OtherEpoch(UUID vm, long epochThere) implements HypervisorFailure {
        @Override
        public String message() {
            return "this node already has a domain of VM " + vm + ", of epoch " + epochThere;
        }
    }

    /** The domain has no screen. */
    record ScreenMissing(UUID vm) implements HypervisorFailure {
        @Override
        public String message() {
            return "the machine of VM " + vm
                    + " has no screen: set spec.screen of its TrustedLaunchVM to VGA and restart it, or use its serial"
                    + " console (kubectl tlvm console)";
        }
    }

    /** The domain's QEMU takes no new connection to the screen at present. */
    record ScreenBusy(UUID vm) implements HypervisorFailure {
        @Override
        public String message() {
            return "the screen of VM " + vm + " cannot be opened now: the VM migrates, or its QEMU does not respond";
        }
    }

    /** The domain's QEMU has not answered in time. */
    record NoAnswer(UUID vm) implements HypervisorFailure {
        @Override
        public String message() {
            return "the QEMU of VM " + vm + " does not answer now: it may wait for its TPM, its disks or another host";
        }
    }

    /** The hypervisor has no domain of the VM, whose guest runs. */
    record DomainLost(UUID vm, long process) implements HypervisorFailure {
        @Override
        public String message() {
            return "libvirtd on this node does not know VM " + vm + " any more, but its guest runs on as process "
                    + process
                    + " (QEMU), so the VM is started nowhere. Shut the guest down from inside if it can be reached, then end the"
                    + " process (kill " + process + "): the VM starts again, with its TPM";
        }
    }

    /** State cannot be changed while a domain may write it. */
    record StillThere(UUID vm) implements HypervisorFailure {
        @Override
        public String message() {
            return "the domain of VM " + vm + " still exists on this node";
        }
    }

    /** The machine of a guest that runs has no port for another device. */
    record NoFreePort(UUID vm) implements HypervisorFailure {
        @Override
        public String message() {
            return "the machine of VM " + vm
                    + " has no free port for another device, and none can be added while its guest runs; restart the VM";
        }
    }

    /** A machine of Windows takes and gives back disks only at a start: QEMU's AHCI has no hot-plug. */
    record NotWhileRunning(UUID vm, Path disk) implements HypervisorFailure {
        @Override
        public String message() {
            return "disk " + disk + " cannot be added to VM " + vm
                    + " or removed while its guest runs, because its disks are SATA disks; restart the VM";
        }
    }

    /** A domain has one backup at a time. */
    record BackupUnderWay(UUID vm) implements HypervisorFailure {
        @Override
        public String message() {
            return "a backup of VM " + vm + " is under way on this node; wait for it, or end it";
        }
    }

    /** It keeps a backup's job that it knows nothing of, and begins neither another one nor a migration beside it. */
    record BackupJobLost(UUID vm) implements HypervisorFailure {
        @Override
        public String message() {
            return "libvirtd on this node ended while it began a backup of VM " + vm
                    + ", and knows nothing any more of that job, which only the end of the guest's QEMU ends; restart the VM";
        }
    }

    /** A disk has no bitmap for the checkpoint, or an inconsistent one. */
    record CheckpointUnusable(UUID vm, String checkpoint) implements HypervisorFailure {
        @Override
        public String message() {
            return "what VM " + vm + " has written since checkpoint " + checkpoint
                    + " is not known any more; its next backup must be a full one";
        }
    }

    /** libvirt or the host's file system failed for a reason that a person has to judge. */
    record OperationFailed(String detail) implements HypervisorFailure {
        @Override
        public String message() {
            return detail;
        }
    }
}
