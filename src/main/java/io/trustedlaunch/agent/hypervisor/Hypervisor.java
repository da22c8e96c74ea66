package io.trustedlaunch.agent.hypervisor;

import io.trustedlaunch.agent.domain.DomainSpec;
import io.trustedlaunch.agent.tpm.TpmSecret;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * One host's hypervisor. It keeps no record of its own and decides nothing: what is there is what it sees, and every
 * method may be called again after a crash at any point. All methods throw {@link HypervisorException}; none but {@link
 * #migrate} waits for longer than a start takes.
 *
 * <p>The order of a first start is {@link #prepareVariables}, then the TPM (see {@code SwtpmFactory}), then {@link
 * #createPaused}; of any other start {@link #placeVariables}, the TPM, {@code createPaused}. The TPM comes last, because its folder is what says
 * that the VM has been here.
 */
public interface Hypervisor extends AutoCloseable {
    /** What the host can do now. */
    HostFacts host();

    /** Every domain that carries our metadata, and no other. */
    List<DomainInfo> domains();

    Optional<DomainInfo> find(UUID vm);

    /** Where the VM's guest state is on this host, and whether it is whole. */
    WorkingCopy workingCopy(UUID vm);

    /**
     * Puts the firmware's template of UEFI variables (Microsoft's keys enrolled) where the domain will look for them.
     * Does nothing where variables are. Refuses with {@code VariablesMissing} where they are not but a TPM is: then
     * they were lost, and new ones would be another machine to the guest's disk encryption.
     */
    void prepareVariables(DomainSpec spec);

    /**
     * Puts variables that there were before where the domain will look for them: whole and durable, in place of any
     * that are there. Refuses with {@code StillThere} while a domain is here.
     */
    void placeVariables(UUID vm, byte[] variables);

    /**
     * Creates the domain, its processors stopped before the first instruction. A domain of the same epoch that is
     * there already, in any state, is success. Refuses with {@code TpmStateMissing} or {@code VariablesMissing} where
     * guest state is not whole, with {@code OtherEpoch} where another life of this VM is here.
     */
    void createPaused(DomainSpec spec, TpmSecret secret);

    /**
     * Hands the secret to libvirt's memory again: it forgets it when it is restarted, and needs it for a migration.
     * Safe to call whether or not a domain is there.
     */
    void ensureSecret(UUID vm, TpmSecret secret);

    /** Lets a paused domain run; a running one is left alone. {@code DomainMissing} where there is none. */
    void resume(UUID vm);

    /**
     * Moves the running domain to another host's hypervisor, as another life, paused there; its memory goes over TLS, and
     * only to a QEMU that proves to be of that node, and so do its disks unless they are shared. Returns as soon as its guest never runs here
     * again: the domain is gone, or is being removed for having moved. Where it throws, {@link #find} says whether it
     * has. {@code DomainMissing} where there is none.
     */
    void migrate(UUID vm, MigrationTarget target, MigrationOptions manner);

    /** What is under way of the domain to another host, or from one; empty: nothing is, or there is no domain. */
    Optional<MigrationProgress> migration(UUID vm);

    /** For how long a domain that moves may stand still for the last of its memory. Nothing to do is success. */
    void allowPause(UUID vm, Duration pause);

    /** Asks that the domain stay, whoever began to move it; may come too late. Nothing to do is success. */
    void abortMigration(UUID vm);

    /**
     * Ends whatever connection a domain's memory goes over to a host at that address, which does not answer: while QEMU
     * waits for it, it answers nothing itself, and the guest may stand still. The migration fails, or is past that. Those of
     * other domains to that address may end with it.
     * Nothing to end is success; whether all was ended is seen from what becomes of the migration.
     */
    void severMigration(UUID vm, String address);

    /**
     * Writes the UEFI variables of a domain that has arrived and not run here: QEMU itself writes what it brought along
     * only when it is resumed, and until then their file holds the firmware's template. Refuses with {@code
     * DomainMissing} where no paused domain is.
     */
    void completeVariables(UUID vm, byte[] variables);

    /** Presses the power button. Says nothing about when, or whether, the guest obeys; nothing to do is success. */
    void requestShutdown(UUID vm);

    /** Cuts the power and waits until the processes are gone. Guest state stays. No domain is success. */
    void destroy(UUID vm);

    /** Why the VM's last domain on this host is gone; {@code UNKNOWN} where nobody saw it. */
    StopReason lastStop(UUID vm);

    /**
     * Opens the serial console of the domain of that life. Whoever had it open loses it. Refuses with {@code
     * DomainMissing} where there is none, with {@code OtherEpoch} where another life of this VM is here.
     */
    GuestConsole openConsole(UUID vm, long epoch);

    /** The guest's own addresses, without loopback and link-local ones; empty where nobody knows any yet. */
    List<IpAddress> addresses(UUID vm);

    /**
     * Tells of a VM whose domain may have changed, from any thread; also, for every VM at once, after a gap in which
     * changes could have been missed. The listener looks itself, and returns soon.
     */
    Subscription onLifecycle(Consumer<UUID> listener);

    /** Tells that the hypervisor has ceased to answer, or answers again, soon after it did, from any thread. */
    Subscription onReach(Runnable listener);

    /**
     * Removes the VM's UEFI variables, TPM state and secret from this host, for good: only for a deletion, or when
     * another place holds what was here. Refuses with {@code StillThere} while a domain is here. Nothing is success.
     */
    void eraseState(UUID vm);

    /**
     * Renames what {@link #eraseState} would remove, so that no start takes it and a person can look into it. Refuses
     * with {@code StillThere} while a domain is here. Nothing is success.
     */
    void setStateAside(UUID vm);

    @Override
    void close();

    /** Ends when closed, without an exception. */
    interface Subscription extends AutoCloseable {
        @Override
        void close();
    }
}
