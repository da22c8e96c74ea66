package io.trustedlaunch.agent.folder;

import io.trustedlaunch.agent.folder.Entry.Awaited;
import io.trustedlaunch.agent.folder.Entry.Granted;
import io.trustedlaunch.agent.folder.Entry.Refused;
import io.trustedlaunch.agent.folder.Entry.Superseded;
import io.trustedlaunch.agent.folder.Permit.Act;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Looks, each time and uncached, whether a VM's folder may be touched: the VM names the incarnation, and no restore after it; every
 * fence that it relies on holds and the dead node's beacon stands still now, the API server's data is of now, and no later
 * incarnation is at home. Nothing that was found is kept for later: until the act has ended, no other one on the same folder looks,
 * be it of another incarnation or of a restore.
 */
public final class FolderGate {
    /** The others are of a guest that has run, until when its fences counted; or of one that says itself that it has left. */
    private static final Set<Act> RELY_ON_FENCES =
            EnumSet.of(Act.PREPARE, Act.CLAIM, Act.RESUME, Act.RESTORE, Act.FINISH, Act.ERASE);

    private final Ownership.Reader owners;
    private final FenceCheck fences;
    private final BooleanSupplier dataIsCurrent;
    private final Listing listing;
    private final String nodeName;

    /** The folders that an act has begun to look at, and has not left. */
    private final Set<Path> entered = ConcurrentHashMap.newKeySet();

    /** Why an act is not permitted, by the VM as it was found; empty: it is. */
    @FunctionalInterface
    private interface Refusal {
        Optional<Entry> of(Optional<Ownership.Found> vm);
    }

    /** Lists the guest states in a VM's folder by their names, in any order. */
    @FunctionalInterface
    public interface Listing {
        List<GuestStateVersion> versions(VmFolder folder) throws IOException;
    }

    /**
     * @param owners asks the API server
     * @param fences whether a NodeFence still proves its node dead
     * @param dataIsCurrent whether what the API server says is of now
     */
    public FolderGate(
            Ownership.Reader owners,
            FenceCheck fences,
            BooleanSupplier dataIsCurrent,
            Listing listing,
            String nodeName) {
        this.owners = owners;
        this.fences = fences;
        this.dataIsCurrent = dataIsCurrent;
        this.listing = listing;
        this.nodeName = nodeName;
    }

    /** Admits the making of the disks and the domain of a guest that is to start here. */
    public Entry toPrepare(FolderRequest request) {
        return enter(request, Act.PREPARE, found -> notToBegin(request, found));
    }

    public Entry toClaim(FolderRequest request) {
        return enter(request, Act.CLAIM, found -> notToBegin(request, found));
    }

    /**
     * Admits the guest's first instruction. The VM must name its endorsement key, too: until then, the loss of this host would
     * leave a TPM that has run and that is on no record.
     *
     * @param ekDigest of the TPM that is here
     */
    public Entry toResume(FolderRequest request, String ekDigest) {
        return enter(
                request,
                Act.RESUME,
                found -> notToBegin(request, found).or(() -> otherTpm(found.orElseThrow(), ekDigest)));
    }

    private static Optional<Entry> otherTpm(Ownership.Found vm, String here) {
        if (vm.ekDigest().isEmpty()) {
            return Optional.of(new Awaited());
        }
        return vm.ekDigest()
                .filter(recorded -> !recorded.equals(here))
                .map(recorded -> new Refused(new Problem(
                        Reason.EkMismatch,
                        "the TPM's endorsement key is " + here + ", the VM's status names " + recorded
                                + ": restore the TPM's state that belongs to this VM")));
    }

    /**
     * Admits a guest that ran here, and was paused since: no other incarnation begins while this one is the VM's. Fences are not
     * asked, since they counted until it ran.
     */
    public Entry toContinue(FolderRequest request) {
        return enter(request, Act.CONTINUE, found -> notTheOwner(request, found));
    }

    /** Admits a further disk of a guest that runs here. */
    public Entry toAddDisk(FolderRequest request) {
        return enter(request, Act.ADD_DISK, found -> notTheOwner(request, found));
    }

    /**
     * Admits blank disks of a guest that is to arrive. Its source alone decides which node has the guest, whether the API server
     * answers or not.
     */
    public Entry toReceive(FolderRequest request) {
        return arriving(request, Act.RECEIVE);
    }

    /** Admits a guest that has left its source, as the source itself reports. */
    public Entry toTakeOver(FolderRequest request) {
        return arriving(request, Act.TAKE_OVER);
    }

    private Entry arriving(FolderRequest request, Act act) {
        return laterAtHome(request, Optional.empty()).orElseGet(() -> new Granted(unwatched(request.folder(), act)));
    }

    /** Admits the disks that were copied for a guest. A mark in the folder shows whether they are such. */
    public Permit toSettle(VmFolder folder) {
        return unwatched(folder, Act.SETTLE);
    }

    /** A guest that a hypervisor paused at the end of a failed migration goes on where it was. */
    public Permit afterMigration(VmFolder folder) {
        return unwatched(folder, Act.CONTINUE);
    }

    /**
     * Admits the removal of a VM that is being deleted or is gone; or that never ran, and whose next first start is elsewhere.
     *
     * @param anothers whether a guest state is of a cluster that has the VM, too; then the folder is not this one's
     */
    public Entry toErase(FolderRequest request, Predicate<GuestStateVersion> anothers) {
        return enter(
                request,
                Act.ERASE,
                found -> isGone(request, found)
                        ? Optional.empty()
                        : notTheOwner(request, found).or(() -> hasTpm(found.orElseThrow())),
                found -> laterToErase(request, found).or(() -> ifNewest(request, anothers, FolderGate::anothers)));
    }

    private static Entry anothers(FolderRequest request, GuestStateVersion version) {
        return new Superseded(new Problem(
                Reason.HomeClaimedElsewhere,
                "the VM's home " + request.folder().path() + " has guest state " + version
                        + " of a cluster that has recovered the VM, too, so nothing is changed there: see docs/recovery.md,"
                        + " \"A VM was given out twice\""));
    }

    private static Optional<Entry> hasTpm(Ownership.Found vm) {
        return vm.ekDigest()
                .map(ek -> new Refused(new Problem(
                        Reason.NotTheOwner,
                        "nothing is removed because the VM has a TPM on record, so that its guest may have run")));
    }

    /**
     * Admits the removal of files of a guest that has left, once its target has said that it has all. Superseded: the VM was
     * restored there since, so that what the guest left is gone already.
     *
     * @param location the name of the folder's storage location
     */
    public Entry toClear(FolderRequest request, String location) {
        return enter(
                request,
                Act.CLEAR,
                found -> found.filter(vm -> vm.isOf(request.vm())).flatMap(vm -> needed(request, location, vm)));
    }

    private Optional<Entry> needed(FolderRequest request, String location, Ownership.Found vm) {
        if (vm.wasRestoredAfter(request.epoch(), location, nodeName)) {
            return Optional.of(new Superseded(kept("the VM was restored there from a backup")));
        }
        if (vm.deleting()) {
            return Optional.empty();
        }
        if (vm.epoch() <= request.epoch()) {
            return Optional.of(new Refused(kept(
                    "the VM is at epoch " + vm.epoch() + " on node " + vm.nodeName() + ", as if it had not left")));
        }
        return vm.isToStartIn(location, nodeName) || vm.isBeingRestoredIn(location, nodeName)
                ? Optional.of(new Refused(kept("the VM is to start there")))
                : Optional.empty();
    }

    private static Problem kept(String why) {
        return new Problem(Reason.NotTheOwner, "the folder of a guest that has left is kept because " + why);
    }

    /**
     * Admits the files of a backup.
     *
     * @param notOnRecord why the VM, as it is now, does not ask for this restore; empty: it does
     */
    public Entry toRestore(FolderRequest request, Function<Ownership.Found, Optional<Problem>> notOnRecord) {
        return enter(
                request,
                Act.RESTORE,
                found -> found.filter(vm -> vm.isOf(request.vm()) && !vm.deleting())
                        .<Optional<Entry>>map(vm -> notOnRecord.apply(vm).map(Refused::new))
                        .orElseGet(() -> Optional.of(new Refused(new Problem(
                                Reason.NotTheOwner,
                                "nothing is restored because the VM does not exist, or is being deleted")))));
    }

    /**
     * Admits the files of a restore that was decided: nothing starts from the folder before they are in their places, so that
     * happens whatever is on record or at home. A guest on a host that is only said to be dead may have the old ones.
     */
    public Entry toFinish(FolderRequest request) {
        return enter(request, Act.FINISH, found -> Optional.empty(), found -> Optional.empty());
    }

    private Entry enter(FolderRequest request, Act act, Refusal refusal) {
        return enter(request, act, refusal, found -> laterAtHome(request, found));
    }

    /** @param atHome looks into the folder, last */
    private Entry enter(FolderRequest request, Act act, Refusal refusal, Refusal atHome) {
        Path folder = request.folder().path();
        if (!entered.add(folder)) {
            return new Awaited();
        }
        Entry entry = null;
        try {
            entry = look(request, act, refusal, atHome)
                    .orElseGet(() -> new Granted(new Permit(request.folder(), act, () -> entered.remove(folder))));
            return entry;
        } finally {
            if (!(entry instanceof Granted)) {
                entered.remove(folder);
            }
        }
    }

    /** For acts on a guest that is here or arrives: no restore is under way then. */
    private static Permit unwatched(VmFolder folder, Act act) {
        return new Permit(folder, act, () -> {});
    }

    /** Why the act is not permitted, if it is not. */
    private Optional<Entry> look(FolderRequest request, Act act, Refusal refusal, Refusal atHome) {
        Optional<Ownership.Found> found;
        switch (owners.read(request.vm())) {
            case Ownership.Unread unread -> {
                return Optional.of(new Refused(unread.problem()));
            }
            case Ownership.Absent absent -> found = Optional.empty();
            case Ownership.Found vm -> found = Optional.of(vm);
        }
        Optional<Entry> refused = refusal.of(found)
                .or(() -> RELY_ON_FENCES.contains(act) ? fence(request, act, found) : Optional.empty());
        if (refused.isPresent() && !(refused.get() instanceof Superseded)) {
            return refused;
        }
        if (!dataIsCurrent.getAsBoolean()) {
            return Optional.of(new Awaited());
        }
        return refused.or(() -> atHome.of(found));
    }

    /** A folder of this node's own holds nothing that a guest elsewhere uses: there, a statement is enough. */
    private Optional<Entry> fence(FolderRequest request, Act act, Optional<Ownership.Found> found) {
        return request.fences().stream()
                .sorted()
                .flatMap(name -> fences
                        .problem(name, request.folder().location())
                        .filter(problem -> problem.reason() != Reason.PowerProofRequired
                                || (act != Act.ERASE && !isAccepted(request, found, name)))
                        .stream())
                .findFirst()
                .map(Refused::new);
    }

    /** No guest of the VM has run before its first start; otherwise a person relies on the word, by the fence's name. */
    private static boolean isAccepted(FolderRequest request, Optional<Ownership.Found> found, String fence) {
        return request.firstStart() || found.filter(vm -> vm.accepts(fence)).isPresent();
    }

    private Optional<Entry> laterAtHome(FolderRequest request, Optional<Ownership.Found> found) {
        return later(
                request,
                found,
                Reason.GuestStateOfLaterEpoch,
                ", so nothing is changed there: see docs/guest-state-and-approvals.md");
    }

    /** No start follows, so another reason: whoever has that epoch removes the files, or a person finds out. */
    private Optional<Entry> laterToErase(FolderRequest request, Optional<Ownership.Found> found) {
        return later(
                request,
                found,
                Reason.HomeOfLaterEpoch,
                ", so nothing is removed there before the node that has this epoch removes it. If no node has it, see"
                        + " docs/deleting-and-restoring.md, \"A later epoch in the folder\"");
    }

    /** If the VM names a later incarnation, too, the files are that one's for good; if not, its record is behind. */
    private Optional<Entry> later(
            FolderRequest request, Optional<Ownership.Found> found, Reason reason, String consequence) {
        return ifNewest(request, version -> version.epoch() > request.epoch(), (same, version) -> {
            Problem problem = new Problem(
                    reason,
                    "the VM's home " + request.folder().path() + " has guest state " + version
                            + " of a later epoch than " + request.epoch() + consequence);
            return found.filter(vm -> isLater(request, vm)).isPresent()
                    ? new Superseded(problem)
                    : new Refused(problem);
        });
    }

    /** The answer if the newest guest state at home is such a one; empty: it is not. */
    private Optional<Entry> ifNewest(
            FolderRequest request,
            Predicate<GuestStateVersion> wanted,
            BiFunction<FolderRequest, GuestStateVersion, Entry> then) {
        try {
            return listing.versions(request.folder()).stream()
                    .max(Comparator.naturalOrder())
                    .filter(wanted)
                    .map(version -> then.apply(request, version));
        } catch (IOException e) {
            return Optional.of(new Refused(new Problem(
                    Reason.LocationMissing,
                    "the VM's folder " + request.folder().path() + " cannot be listed: " + e.getMessage()
                            + "; check the storage location")));
        }
    }

    private static boolean isGone(FolderRequest request, Optional<Ownership.Found> found) {
        return found.filter(vm -> vm.isOf(request.vm()) && !vm.deleting()).isEmpty();
    }

    /** A restore goes on record while this host is only said to be dead, and no start passes it. */
    private Optional<Entry> notToBegin(FolderRequest request, Optional<Ownership.Found> found) {
        return notTheOwner(request, found)
                .or(() -> found.flatMap(vm -> vm.putBackSince(request.epoch()))
                        .map(why -> new Refused(notTheOwner(why))));
    }

    private Optional<Entry> notTheOwner(FolderRequest request, Optional<Ownership.Found> found) {
        if (found.isEmpty()) {
            return Optional.of(new Refused(notTheOwner("its TrustedLaunchVM does not exist")));
        }
        Ownership.Found vm = found.get();
        return vm.otherThan(request.vm(), request.epoch(), nodeName)
                .map(FolderGate::notTheOwner)
                .map(problem -> isLater(request, vm) ? new Superseded(problem) : new Refused(problem));
    }

    private static boolean isLater(FolderRequest request, Ownership.Found vm) {
        return vm.isOf(request.vm()) && vm.epoch() > request.epoch();
    }

    private static Problem notTheOwner(String why) {
        return new Problem(
                Reason.NotTheOwner, "the guest is not started because " + why + "; the operator ends this incarnation");
    }
}
