package io.trustedlaunch.cli.plugin.change;

import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import java.util.List;

/**
 * A change of a VM's spec.
 *
 * @param operations they are for the version of the VM that they were made from, and no other one
 * @param text what is changed, for people
 * @param waits the guest has it only after its next start
 */
public record VmChange(List<Operation> operations, String text, boolean waits) {
    static VmChange waiting(Operation operation, String text) {
        return new VmChange(List.of(operation), text, true);
    }

    /** What was changed, and what makes it take effect. */
    public String report(TrustedLaunchVM vm) {
        return waits ? text + "; takes effect at the next start" + restart(vm) : text;
    }

    private static String restart(TrustedLaunchVM vm) {
        return vm.isTrue(ConditionType.Running) && vm.getSpec().runStrategy() != RunStrategy.Halted
                ? ": kubectl tlvm restart " + nameAndNamespace(vm)
                : "";
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
