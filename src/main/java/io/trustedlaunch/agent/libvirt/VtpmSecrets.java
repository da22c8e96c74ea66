package io.trustedlaunch.agent.libvirt;

import io.trustedlaunch.agent.tpm.TpmSecret;
import java.util.Arrays;
import java.util.UUID;
import org.libvirt.LibvirtException;
import org.libvirt.Secret;

/** The TPMs' secrets, in libvirt's memory only, where no client of libvirt can read them. */
final class VtpmSecrets {
    private VtpmSecrets() {}

    static void put(OpenConnection connection, UUID vm, TpmSecret value) throws LibvirtException {
        Secret secret = connection.secretDefineXML("<secret ephemeral='yes' private='yes'><uuid>" + vm
                + "</uuid><usage type='vtpm'><name>trusted-launch-" + vm + "</name></usage></secret>");
        byte[] bytes = value.bytes();
        try {
            secret.setValue(bytes);
        } finally {
            Arrays.fill(bytes, (byte) 0);
            secret.free();
        }
    }

    static void remove(OpenConnection connection, UUID vm) throws LibvirtException {
        try {
            Secret secret = connection.secretLookupByUUIDString(vm.toString());
            secret.undefine();
            secret.free();
        } catch (LibvirtException e) {
            if (!LibvirtErrors.isNoSecret(e)) {
                throw e;
            }
        }
    }
}
