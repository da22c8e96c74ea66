package io.trustedlaunch.operator.vm;

import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.operator.kube.ApiReader;
import io.trustedlaunch.operator.vm.facts.UserDataFacts;
import java.util.Map;
import java.util.Optional;

/** Inputs of a tenant that are not watched. Each is read once in a pass, and only by a pass that needs it. */
final class TenantInputs {
    private final ApiReader reader;
    private final TrustedLaunchVM vm;
    private final String operatorNamespace;
    private Optional<Boolean> namespaceTerminating = Optional.empty();
    private Optional<UserDataFacts> userData = Optional.empty();

    TenantInputs(ApiReader reader, TrustedLaunchVM vm, String operatorNamespace) {
        this.reader = reader;
        this.vm = vm;
        this.operatorNamespace = operatorNamespace;
    }

    boolean namespaceTerminating() {
        if (namespaceTerminating.isEmpty()) {
            namespaceTerminating =
                    Optional.of(reader.isTerminating(vm.getMetadata().getNamespace()));
        }
        return namespaceTerminating.get();
    }

    UserDataFacts userData() {
        if (userData.isEmpty()) {
            userData = Optional.of(read());
        }
        return userData.get();
    }

    private UserDataFacts read() {
        Optional<String> name = UserDataReader.secretName(vm.getSpec().guestConfig());
        if (name.isEmpty()) {
            return new UserDataFacts.Files(Map.of());
        }
        String namespace = vm.getMetadata().getNamespace();
        return UserDataReader.read(
                vm.getSpec().guestConfig(), namespace, reader.tenantSecret(namespace, name.get()), operatorNamespace);
    }
}
