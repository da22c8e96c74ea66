package io.trustedlaunch.protocol;

import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What can happen in a schedule, and how often. */
enum Event {
    OPERATOR_LOOKS(3),
    OPERATOR_LOOKS_AT_SOME_KINDS(3),
    OPERATOR_PASSES(7),
    OPERATOR_CATCHES_UP(5),
    OPERATOR_DIES(1),
    AGENT_LOOKS(4),
    AGENT_ACTS(7),
    AGENT_REPORTS(3),
    AGENT_CATCHES_UP(8),
    AGENT_SEALS(3),
    AGENT_DIES(2),
    AGENT_PAUSES(2),
    AGENT_LOSES_API_SERVER(1),
    AGENT_REACHES_API_SERVER(6),
    GUEST_WORKS(3),
    GUEST_ENDS(1),
    TIME_PASSES(3),
    STRATEGY_CHANGES(2),
    MIGRATION_IS_REQUESTED(3),
    MIGRATION_IS_CANCELLED(1),
    MIGRATION_ADVANCES(5),
    LINK_IS_CUT(1),
    LINK_IS_MENDED(4),
    HOST_CRASHES(1),
    HOST_RETURNS(6),
    /** All that are up act in turns, for a while. */
    ALL_GOES_WELL(2),
    BACKUP_IS_MADE(1),
    BACKUP_IS_RESTORED(1),
    /** A new operator begins with what an outdated replica of the API server has. */
    OPERATOR_LAGS(1),
    NODE_IS_FENCED(1),
    FENCE_IS_WITHDRAWN(3),
    NODE_IS_UNREGISTERED(1),
    STATUS_IS_LOST(1),
    DISK_IS_SAVED(1),
    DISK_IS_SET_BACK(1),
    OBJECTS_ARE_RECREATED(1),
    SECOND_AGENT_STARTS(1),
    /** It stands still, or reaches no API server, or nothing at all. */
    HOST_IS_CUT_OFF(1),
    HOST_IS_BACK(3),
    WORD_IS_FALSE(1),
    /** Of a host that is cut off; all others act in turns for as long as it may take until they believe it. */
    FALSE_WORD_IS_BELIEVED(2),
    MACHINE_CHANGES(2),
    NODE_IS_CORDONED(1),
    NODES_ARE_UNCORDONED(2),
    NODE_IS_DRAINED(1),
    RESTART_IS_REQUESTED(1),
    STATE_IS_APPROVED(1),
    STATES_ARE_REMOVED(1),
    VM_IS_DELETED(1),
    VM_IS_RETAINED(1),
    VM_IS_CREATED(6),
    FENCE_IS_DELETED(1),
    INCARNATION_IS_DELETED(1),
    FIRST_STARTS_ARE_HINDERED(1),
    FIRST_STARTS_SUCCEED(3),
    /** Of a VM. A copy is put back later. */
    KEY_IS_DELETED(2),
    KEYS_ARE_PUT_BACK(3),
    AN_HOUR_PASSES(1),
    /** It stands still between a read and a write, while others go on. */
    OPERATOR_PAUSES(2),
    WORD_IS_GIVEN_ANEW(2),
    /** A host is said to be dead whose beacon moves; its VM waits elsewhere; then something else happens. */
    WORD_IS_HELD_BACK(3),
    WORD_ABOUT_A_TARGET_IS_HELD_BACK(1),
    STATES_ARE_REMOVED_AFTER_A_FAILOVER(1),
    DATA_AND_DISK_ARE_OF_ONE_NIGHT(1),
    DATA_IS_OF_THE_DAYS_OF_A_REPAIR(1),
    CLEARED_NODE_DIES(1),
    /** One agent does not find another's beacon once. */
    BEACON_IS_MISSED(3),
    /** The file server does not answer an agent's probe, and all else goes on. */
    PROBE_HANGS(2),
    PROBES_GO_ON(3),
    /** Of a host or of an operator. It is not set right again. */
    CLOCK_STEPS(2),
    /** It is honest, stuck, silent or in another machine, lies, or switches another host. */
    CONTROLLER_CHANGES(3),
    POWER_IS_TO_BE_CUT(2),
    POWER_IS_TO_STAY(2),
    /** Its next switch or answer comes late. */
    CONTROLLER_IS_LATE(2),
    FENCER_LAGS(1),
    FENCER_CATCHES_UP(3),
    /** It is cut off, and nobody says anything of it; all others act in turns. */
    HOST_IS_SILENT(4),
    /** A backup is made of it, running or not. */
    VM_IS_SAVED(4),
    /** Of a VM that somebody stops; it is started again some time. */
    RESTORE_IS_APPROVED(2),
    /** A VM is stopped, and restored from a backup if all goes well for a while. */
    VM_IS_RESTORED(2),
    /** A new VM begins with the disk of a backup. */
    VM_IS_COPIED(2),
    /** A person takes the approval back, whatever came of it. */
    RESTORE_IS_WITHDRAWN(1),
    /** One is added to the spec, removed from it, or brought back. */
    DATA_DISKS_CHANGE(4),
    /** One is added to the spec or removed from it, or its link goes up or down. */
    CARDS_CHANGE(2),
    /** A data disk, or the OS disk. */
    DISK_GROWS(2);

    /** Those that leave the record and the hosts' disks as they are. */
    static final Set<Event> ORDINARY = EnumSet.range(OPERATOR_LOOKS, BACKUP_IS_RESTORED);

    /** Nobody says that a host is off which is not. */
    static final Set<Event> ALL = EnumSet.range(OPERATOR_LOOKS, SECOND_AGENT_STARTS);

    /** Somebody does. */
    static final Set<Event> WITH_LIES = union(
            ORDINARY,
            EnumSet.range(NODE_IS_FENCED, FENCE_IS_WITHDRAWN),
            EnumSet.range(HOST_IS_CUT_OFF, FALSE_WORD_IS_BELIEVED));

    /** Users and administrators do more than to start, stop and move VMs, and nobody lies. */
    static final Set<Event> ADMINISTERED = union(
            ORDINARY,
            EnumSet.range(NODE_IS_FENCED, FENCE_IS_WITHDRAWN),
            EnumSet.range(MACHINE_CHANGES, OPERATOR_PAUSES));

    /** Somebody lies as well. */
    static final Set<Event> ADMINISTERED_WITH_LIES =
            union(WITH_LIES, EnumSet.range(MACHINE_CHANGES, WORD_IS_GIVEN_ANEW));

    /** What takes several steps, each of which is rare, with lies and without. */
    static final Set<Event> SCENES = union(WITH_LIES, EnumSet.range(WORD_IS_HELD_BACK, CLEARED_NODE_DIES));

    /** Somebody lies, and what could contradict is disturbed. */
    static final Set<Event> DISTURBED = union(WITH_LIES, EnumSet.range(BEACON_IS_MISSED, CLOCK_STEPS));

    /** Somebody lies, people or management controllers. */
    static final Set<Event> POWER_FENCED = union(WITH_LIES, EnumSet.range(CONTROLLER_CHANGES, HOST_IS_SILENT));

    /** Somebody lies, and VMs are restored in place from their backups, and copied. The API server's data is left alone. */
    static final Set<Event> RESTORED = without(
            union(WITH_LIES, EnumSet.range(VM_IS_SAVED, RESTORE_IS_WITHDRAWN)), BACKUP_IS_MADE, BACKUP_IS_RESTORED);

    /** Data disks and network cards come and go. Nobody lies, and the API server's data is left alone. */
    static final Set<Event> CHANGED = without(
            union(
                    ORDINARY,
                    EnumSet.range(NODE_IS_FENCED, FENCE_IS_WITHDRAWN),
                    EnumSet.of(RESTART_IS_REQUESTED, DATA_DISKS_CHANGE, CARDS_CHANGE, DISK_GROWS)),
            BACKUP_IS_MADE,
            BACKUP_IS_RESTORED);

    private static final Map<String, Set<Event>> SETS = Map.of(
            "ORDINARY",
            ORDINARY,
            "ALL",
            ALL,
            "WITH_LIES",
            WITH_LIES,
            "ADMINISTERED",
            ADMINISTERED,
            "ADMINISTERED_WITH_LIES",
            ADMINISTERED_WITH_LIES,
            "SCENES",
            SCENES,
            "DISTURBED",
            DISTURBED,
            "POWER_FENCED",
            POWER_FENCED,
            "RESTORED",
            RESTORED,
            "CHANGED",
            CHANGED);

    private final int weight;

    Event(int weight) {
        this.weight = weight;
    }

    @SafeVarargs
    private static Set<Event> union(Set<Event>... sets) {
        Set<Event> all = EnumSet.noneOf(Event.class);
        List.of(sets).forEach(all::addAll);
        return all;
    }

    private static Set<Event> without(Set<Event> all, Event... some) {
        all.removeAll(List.of(some));
        return all;
    }

    /** @param names of sets and of single events, with commas */
    static Set<Event> named(String names) {
        Set<Event> all = EnumSet.noneOf(Event.class);
        for (String name : names.split(",", -1)) {
            all.addAll(SETS.containsKey(name) ? SETS.get(name) : Set.of(valueOf(name)));
        }
        return all;
    }

    boolean isScene() {
        return compareTo(WORD_IS_HELD_BACK) >= 0 && compareTo(CLEARED_NODE_DIES) <= 0;
    }

    int weight() {
        return weight;
    }
}
