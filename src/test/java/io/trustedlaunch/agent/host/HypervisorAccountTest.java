package io.trustedlaunch.agent.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class HypervisorAccountTest {
    private final Set<String> accounts = new HashSet<>(Set.of("root"));
    private final UserPrincipalLookupService host = new HostAccounts();

    @Test
    void aHostWithoutQemuHasNoAccountUntilItIsInstalled() {
        HypervisorAccount account = HypervisorAccount.named(Optional.empty(), Optional.empty(), host);
        assertThat(account.problem())
                .contains("this node has no account for QEMU (libvirt-qemu, qemu, or what --hypervisor-user and"
                        + " --hypervisor-group name); install libvirt and QEMU on it");
        assertThatThrownBy(account::user)
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("install libvirt and QEMU");

        accounts.add("qemu");

        assertThat(account.problem()).isEmpty();
        assertThat(account.user().getName()).isEqualTo("qemu");
        assertThat(account.group().getName()).isEqualTo("qemu");
    }

    @Test
    void aConfiguredAccountTakesThePlaceOfTheUsualOnes() {
        accounts.addAll(Set.of("libvirt-qemu", "vms", "kvm"));

        HypervisorAccount account = HypervisorAccount.named(Optional.of("vms"), Optional.of("kvm"), host);

        assertThat(account.administrator().getName()).isEqualTo("root");
        assertThat(account.user().getName()).isEqualTo("vms");
        assertThat(account.group().getName()).isEqualTo("kvm");
    }

    private record Account(String getName) implements GroupPrincipal {
        @Override
        public String getName() {
            return getName;
        }
    }

    private final class HostAccounts extends UserPrincipalLookupService {
        @Override
        public UserPrincipal lookupPrincipalByName(String name) throws IOException {
            return lookupPrincipalByGroupName(name);
        }

        @Override
        public GroupPrincipal lookupPrincipalByGroupName(String name) throws IOException {
            if (!accounts.contains(name)) {
                throw new UserPrincipalNotFoundException(name);
            }
            return new Account(name);
        }
    }
}
