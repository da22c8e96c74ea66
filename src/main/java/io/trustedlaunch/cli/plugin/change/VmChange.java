package io.trustedlaunch.cli.plugin.change;

import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A change of a VM's spec.
 *
 * @param operations they are for the version of the VM that they were made from, and no other one
 * @param text what is changed, for people
 * @param effect when the guest has it
 */
public record VmChange(List<Operation> operations, String text, Effect effect) {
    /** When a guest has a change. */
    enum Effect {
        /** It has it already, or nothing of it is the guest's. */
        NONE,
        /** While it runs. */
        RUNNING,
        AT_NEXT_START
    }

    static VmChange waiting(Operation operation, String text) {
        return new VmChange(List.of(operation), text, Effect.AT_NEXT_START);
    }

    static VmChange whileRunning(Operation operation, String text) {
        return new VmChange(List.of(operation), text, Effect.RUNNING);
    }

    /** The fields of the spec that it changes, wholly or in part. */
    public Set<String> fields() {
        return operations.stream()
                .map(operation -> operation.path().split("/"))
                .filter(path -> path.length > 2 && path[1].equals("spec"))
                .map(path -> path[2])
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** What was changed, and what makes it take effect. */
    public String report(TrustedLaunchVM vm) {
        boolean runs = vm.isTrue(ConditionType.Running) && vm.getSpec().runStrategy() != RunStrategy.Halted;
        return text
                + switch (effect) {
                    case NONE -> "";
                    case RUNNING ->
                        runs
                                ? "; the guest is given that while it runs (condition RestartRequired says if it cannot be)"
                                : "; takes effect at the next start";
                    case AT_NEXT_START ->
                        "; takes effect at the next start"
                                + (runs ? ": kubectl tlvm restart " + nameAndNamespace(vm) : "");
                };
    }

    static String nameAndNamespace(TrustedLaunchVM vm) {
        return vm.getMetadata().getName() + " -n " + vm.getMetadata().getNamespace();
    }

    /** Names the VM in a refusal. */
    static String reference(TrustedLaunchVM vm) {
        return "TrustedLaunchVM " + vm.getMetadata().getNamespace() + "/"
                + vm.getMetadata().getName();
    }
}
