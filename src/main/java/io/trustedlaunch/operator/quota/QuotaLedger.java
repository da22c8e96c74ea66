package io.trustedlaunch.operator.quota;

import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.quota.QuotaAmounts;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/**
 * The charges of the VMs of each namespace: those on record, and those about to be. The passes over VMs keep it, under
 * the lock that places VMs, so that no pass adds up all VMs and no two get the same part of a quota.
 */
public final class QuotaLedger {
    /**
     * @param identity of the VM
     * @param counted what is on record for it, or about to be
     * @param held what this operator, or one before it, has found room for
     */
    private record Entry(String identity, Use counted, Use held) {}

    private final QuotaLimits limits;
    private final QuotaSources sources;

    /** Keyed by namespace, and by the UID of the VM object. */
    private final Map<String, Map<String, Entry>> entries = new HashMap<>();

    private final Map<String, Use> sums = new HashMap<>();
    private boolean recalled;

    /** @param standard of namespaces that have no VMQuota */
    public QuotaLedger(Optional<QuotaAmounts> standard, QuotaSources sources) {
        this.limits = new QuotaLimits(standard, sources::quotasIn);
        this.sources = sources;
    }

    /** All VMs were counted: what is on record from now on without a reservation of this operator is another's. */
    public synchronized void recalled() {
        recalled = true;
    }

    /**
     * These are all that the VM has on record. What was reserved besides was never written, or given up.
     *
     * @param migrations that name the VM
     * @param begun whether all that is on record for the VM has begun
     */
    public synchronized void onRecord(TrustedLaunchVM vm, List<VMMigration> migrations, BooleanSupplier begun) {
        Optional<Use> use = use(vm, migrations);
        if (use.isEmpty()) {
            forget(vm);
            return;
        }
        Use held = held(vm);
        boolean late = recalled && !held.covers(use.get()) && !begun.getAsBoolean();
        put(vm, use.get(), late ? held : use.get());
    }

    /** The charge that a VM has on record; empty if it takes nothing. */
    static Optional<Use> use(TrustedLaunchVM vm, List<VMMigration> migrations) {
        return VmCharge.onRecord(vm)
                .map(VmCharge::use)
                .map(use -> counts(vm, migrations) ? use.plus(Use.ONE_MIGRATION) : use);
    }

    /** Drains have slots of their own. A migration whose object was deleted counts until it has ended. */
    private static boolean counts(TrustedLaunchVM vm, List<VMMigration> migrations) {
        return VmCharge.openMigration(vm)
                .filter(open -> migrations.stream()
                        .filter(one -> one.getMetadata().getUid().equals(open.uid()))
                        .noneMatch(QuotaLedger::isOfDrain))
                .isPresent();
    }

    public static boolean isOfDrain(VMMigration migration) {
        return Optional.ofNullable(migration.getMetadata().getLabels())
                .filter(labels -> labels.containsKey(Api.LABEL_DRAIN))
                .isPresent();
    }

    /** It is about to be on record. */
    public synchronized void reserve(TrustedLaunchVM vm, Use use) {
        put(vm, use, use);
    }

    /** The VM is gone. */
    public synchronized void forget(TrustedLaunchVM vm) {
        String namespace = vm.getMetadata().getNamespace();
        Map<String, Entry> all = entries.getOrDefault(namespace, new HashMap<>());
        Entry removed = all.remove(vm.getMetadata().getUid());
        if (removed != null) {
            sums.merge(namespace, Use.NONE.minus(removed.counted()), Use::plus);
        }
        if (all.isEmpty()) {
            entries.remove(namespace);
            sums.remove(namespace);
        }
    }

    private void put(TrustedLaunchVM vm, Use counted, Use held) {
        forget(vm);
        String namespace = vm.getMetadata().getNamespace();
        entries.computeIfAbsent(namespace, first -> new HashMap<>())
                .put(vm.getMetadata().getUid(), new Entry(vm.identity(), counted, held));
        sums.merge(namespace, counted, Use::plus);
    }

    private Use held(TrustedLaunchVM vm) {
        return entry(vm).map(Entry::held).orElse(Use.NONE);
    }

    private Optional<Entry> entry(TrustedLaunchVM vm) {
        return Optional.ofNullable(entries.get(vm.getMetadata().getNamespace()))
                .map(all -> all.get(vm.getMetadata().getUid()));
    }

    /** The files that it takes over, a VM holds from the beginning. */
    public synchronized QuotaFacts facts(TrustedLaunchVM vm) {
        String namespace = vm.getMetadata().getNamespace();
        List<QuotaLimit> hard = limits.of(namespace);
        if (hard.isEmpty()) {
            return QuotaFacts.NONE;
        }
        Optional<Entry> own = entry(vm);
        OwnerlessFiles ownerless = new OwnerlessFiles(sources.retainedIn(namespace), sources.erasingIn(namespace));
        Map<String, Use> left = ownerless.isEmpty() ? Map.of() : ownerless.use(identities(namespace));
        Use files = left.getOrDefault(vm.identity(), Use.NONE);
        Use all = left.values().stream().reduce(sums.getOrDefault(namespace, Use.NONE), Use::plus);
        return new QuotaFacts(
                own.map(Entry::held).orElse(files),
                all.minus(own.map(Entry::counted).orElse(Use.NONE)).minus(files),
                own.filter(entry -> !entry.held().equals(entry.counted())).isPresent(),
                hard);
    }

    private Set<String> identities(String namespace) {
        return entries.getOrDefault(namespace, Map.of()).values().stream()
                .map(Entry::identity)
                .collect(Collectors.toSet());
    }
}
