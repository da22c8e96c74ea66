package io.trustedlaunch.agent.hypervisor;

import io.trustedlaunch.agent.domain.DomainSpec;
import io.trustedlaunch.agent.tpm.TpmSecret;
import io.trustedlaunch.agent.tpm.VtpmBlobs;
import io.trustedlaunch.api.incarnation.NestedVirtualization;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Machine;
import io.trustedlaunch.api.vm.DevicePlace;
import io.trustedlaunch.api.vm.GuestInfo;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * One host's hypervisor. It keeps no record and makes no decisions: it reports what exists, and every method may be called
 * again after a crash at any point. All methods throw {@link HypervisorException}; only {@link #migrate} and {@link
 * #backups} take longer than a start. What a running QEMU is asked to do may happen after the method has returned, or not at all if QEMU does not answer.
 *
 * <p>A first start calls {@link #prepareVariables}, makes the TPM (see {@code SwtpmFactory}), then calls {@link
 * #createPaused}; any other start calls {@link #placeVariables}, writes the TPM, then {@code createPaused}. The TPM follows
 * the variables, because its folder is the proof that the VM has been here.
 */
public interface Hypervisor extends AutoCloseable {
    /** The host's capabilities now. */
    HostFacts host();

    /** Every domain with our metadata. */
    List<DomainInfo> domains();

    /** The statistics of all domains, foreign ones included. A QEMU that does not answer delays this for seconds at most. */
    List<GuestStatistics> statistics();

    /** The VM's domain. Refuses with {@code DomainLost} if there is none although the guest runs on this host. */
    Optional<DomainInfo> find(UUID vm);

    /** Where the VM's guest state is on this host, and whether it is complete. */
    WorkingCopy workingCopy(UUID vm);

    /**
     * Copies the firmware's template of UEFI variables (with Microsoft's keys enrolled) to the domain's path. Does nothing if
     * variables exist. Refuses with {@code VariablesMissing} if only a TPM exists: the variables were lost, and the guest's
     * disk encryption would take new ones for another machine.
     */
    void prepareVariables(DomainSpec spec);

    /**
     * Writes earlier variables to the domain's path, atomically and durably, replacing existing ones. Refuses with {@code
     * StillThere} while a domain exists.
     */
    void placeVariables(UUID vm, byte[] variables);

    /**
     * Creates the domain with its processors stopped before the first instruction. An existing domain of the same epoch, in
     * any state, is success. Refuses with {@code TpmStateMissing} or {@code VariablesMissing} if guest state is incomplete,
     * with {@code OtherEpoch} if another incarnation of this VM is here.
     */
    void createPaused(DomainSpec spec, TpmSecret secret);

    /**
     * Puts the secret into libvirt's memory again: libvirt loses it at a restart, and needs it for a migration. Can be called
     * with or without a domain.
     */
    void ensureSecret(UUID vm, TpmSecret secret);

    /** Resumes a paused domain; does nothing to a running one. {@code DomainMissing} if there is none. */
    void resume(UUID vm);

    /**
     * Migrates the running domain to another host's hypervisor, as another incarnation, which is paused there. Its memory, and
     * its disks unless they are shared, are sent over TLS to a QEMU with a certificate of that node. Returns as soon as the guest
     * will never run here again: the domain is gone, or about to be removed as migrated. After an exception, {@link #find} shows
     * whether it has left. {@code DomainMissing} if there is none.
     */
    void migrate(UUID vm, MigrationTarget target, MigrationOptions options);

    /** The domain's migration to or from another host; empty if there is none. */
    Optional<MigrationProgress> migration(UUID vm);

    /** Sets the longest final pause of a domain that is being migrated. Does nothing without a migration. */
    void allowPause(UUID vm, Duration pause);

    /** Cancels the domain's migration, unless it is too late. Does nothing without a migration. */
    void abortMigration(UUID vm);

    /**
     * Closes the connections over which a domain's memory is sent to an unresponsive host at that address: while QEMU waits
     * for that host it does not respond itself, and the guest may be paused. The migration then fails, unless it is complete.
     * Migrations of other domains to that address may fail too. Having no connection is success; the course of the migration
     * shows whether all were closed.
     */
    void severMigration(UUID vm, String address);

    /**
     * Writes the UEFI variables of a domain that has arrived and not run here: QEMU writes the variables that it received only
     * when it is resumed, and until then the file has the firmware's template. Refuses with {@code DomainMissing} without a
     * paused domain.
     */
    void completeVariables(UUID vm, byte[] variables);

    /** Presses the power button; the guest may ignore it. Does nothing without a domain. */
    void requestShutdown(UUID vm);

    /** Powers off and waits until the processes are gone. Guest state stays. Does nothing without a domain. */
    void destroy(UUID vm);

    /** Why the VM's last domain on this host stopped; {@code UNKNOWN} if there is no record. */
    StopReason lastStop(UUID vm);

    /**
     * Opens the serial console of that incarnation's domain, and closes it for its previous user. Refuses with {@code
     * DomainMissing} if there is no domain, with {@code OtherEpoch} if another incarnation of this VM is here.
     */
    GuestConsole openConsole(UUID vm, long epoch);

    /**
     * Opens another connection to the screen of that incarnation's domain, by the protocol of VNC (RFB) and without a password,
     * beside those that there are. Refuses with {@code DomainMissing} and {@code OtherEpoch} as {@link #openConsole}, with {@code
     * ScreenMissing} if the domain has no screen, and with {@code ScreenBusy} while the domain migrates, or QEMU does not answer.
     */
    GuestConsole openScreen(UUID vm, long epoch);

    /** Backups of the domains; the same object each time. */
    GuestBackups backups();

    /** Devices of the domains; the same object each time. */
    GuestDevices devices();

    /**
     * Has QEMU fill a disk from its backing, after which the disk has none. Does nothing if QEMU does so already, if the disk has
     * no backing, and without a domain.
     *
     * @param disk path of a disk of the domain
     */
    void pull(UUID vm, Path disk);

    /** The domain's disks that have a backing, as QEMU has them open now; empty without a domain. */
    List<UnfilledDisk> unfilled(UUID vm);

    /** Where the machine's devices are in the VM's domain; empty if that is not known, and without a domain. */
    List<DevicePlace> places(UUID vm, Machine machine);

    /** The nested virtualization that the VM's domain has; empty without a domain. */
    Optional<NestedVirtualization> nested(UUID vm);

    /** The guest's addresses, without loopback and link-local ones; empty while none is known. */
    List<IpAddress> addresses(UUID vm);

    /**
     * What the guest says of itself through its guest agent now, with exact percentages and without a time. What it does not answer
     * is absent. Empty without a domain, without a guest agent, and if that does not answer. A mute guest agent delays this for some
     * seconds, so it is no call for a pass.
     */
    Optional<GuestInfo> guestInfo(UUID vm);

    /**
     * The whole state of the domain's TPM, registers included, as a migration would send it. The guest is paused for it, for some
     * milliseconds, unless it is paused already. Refuses with {@code DomainMissing} without a domain, and with {@code NoAnswer} if
     * QEMU does not give it within two seconds: it may do so later, and nobody gets it then.
     */
    VtpmBlobs vtpmBlobs(UUID vm);

    /**
     * Calls the listener, on any thread, with each VM whose domain may have changed, and with every VM after a gap in which
     * changes may have been missed. The listener must return quickly.
     */
    Subscription onLifecycle(Consumer<UUID> listener);

    /** Calls the listener, on any thread, soon after the hypervisor has stopped or resumed responding. */
    Subscription onReach(Runnable listener);

    /**
     * Permanently removes the VM's UEFI variables, TPM state and secret from this host: only for a deletion, or when they are
     * stored elsewhere. Refuses with {@code StillThere} while a domain exists. Missing state is success.
     */
    void eraseState(UUID vm);

    /**
     * Renames the files that {@link #eraseState} would remove, so that no start uses them and people can inspect them.
     * Refuses with {@code StillThere} while a domain exists. Missing state is success.
     */
    void setStateAside(UUID vm);

    @Override
    void close();

    /** Ends when closed; throws nothing. */
    interface Subscription extends AutoCloseable {
        @Override
        void close();
    }
}
