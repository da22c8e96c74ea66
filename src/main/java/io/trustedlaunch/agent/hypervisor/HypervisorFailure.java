package io.trustedlaunch.agent.hypervisor;

import java.nio.file.Path;
import java.util.UUID;

/** Why the hypervisor did not do what it was asked: a closed set, so that callers decide on each. */
public sealed interface HypervisorFailure {
    String message();

    /** libvirtd does not answer. It heals by itself: the next call connects again. */
    record Unavailable(String detail) implements HypervisorFailure {
        @Override
        public String message() {
            return "libvirtd does not answer: " + detail;
        }
    }

    /** The TPM's state is missing or empty. The domain was not started: libvirt would have made a new TPM. */
    record TpmStateMissing(Path file) implements HypervisorFailure {
        @Override
        public String message() {
            return "the TPM state is missing or empty, and no new one is made in its place: " + file;
        }
    }

    /** The UEFI variables are missing or empty, while the TPM that belongs to them is there. */
    record VariablesMissing(Path file) implements HypervisorFailure {
        @Override
        public String message() {
            return "the UEFI variables are missing or empty, and no new ones are made in their place: " + file;
        }
    }

    /** No firmware with Secure Boot and enrolled keys is installed. */
    record FirmwareMissing(String detail) implements HypervisorFailure {
        @Override
        public String message() {
            return "no suitable UEFI firmware: " + detail;
        }
    }

    /** A network of the VM is not active on this host. */
    record NetworkMissing(String network) implements HypervisorFailure {
        @Override
        public String message() {
            return "this host has no active network named " + network;
        }
    }

    /** libvirt tried to start the domain, and it did not come up. */
    record StartFailed(String detail) implements HypervisorFailure {
        @Override
        public String message() {
            return "the domain did not start: " + detail;
        }
    }

    /** There is no domain of this VM here. */
    record DomainMissing(UUID vm) implements HypervisorFailure {
        @Override
        public String message() {
            return "there is no domain of VM " + vm;
        }
    }

    /** A domain of this VM is here, and it is another life than the one asked for. */
    record OtherEpoch(UUID vm, long epochThere) implements HypervisorFailure {
        @Override
        public String message() {
            return "VM " + vm + " is here already, in epoch " + epochThere;
        }
    }

    /** State is not erased under a domain that may still write it. */
    record StillThere(UUID vm) implements HypervisorFailure {
        @Override
        public String message() {
            return "the domain of VM " + vm + " is still there";
        }
    }

    /** libvirt or the host's file system said no, for a reason that only a person can judge. */
    record OperationFailed(String detail) implements HypervisorFailure {
        @Override
        public String message() {
            return detail;
        }
    }
}
