package io.trustedlaunch.cli.plugin;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.DataDisk;
import io.trustedlaunch.api.GuestConfig;
import io.trustedlaunch.api.NetworkInterface;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.OsDisk;
import io.trustedlaunch.api.RunStrategy;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.TrustedLaunchVMSpec;
import io.trustedlaunch.cli.CommandException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A VM as somebody asks for it; what is left out is defaulted by the API server.
 *
 * @param dataDisks name to size
 * @param networks one for each card
 */
record VmManifest(
        String namespace,
        String name,
        String image,
        int cores,
        String memory,
        String diskSize,
        Map<String, String> dataDisks,
        List<String> networks,
        Optional<String> storageLocation,
        Optional<String> cloudInitSecret,
        Optional<String> sysprepSecret,
        boolean halted) {

    private static final YAMLMapper YAML = YAMLMapper.builder()
            .defaultPropertyInclusion(
                    JsonInclude.Value.construct(JsonInclude.Include.NON_EMPTY, JsonInclude.Include.NON_NULL))
            .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
            .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
            .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
            .disable(YAMLGenerator.Feature.SPLIT_LINES)
            .build();

    TrustedLaunchVM vm() {
        TrustedLaunchVM vm = new TrustedLaunchVM();
        vm.setMetadata(
                new ObjectMetaBuilder().withNamespace(namespace).withName(name).build());
        vm.setSpec(new TrustedLaunchVMSpec(
                halted ? RunStrategy.Halted : RunStrategy.Always,
                new ObjectRef(image),
                null,
                cores,
                quantity("--memory", memory),
                storageLocation.map(ObjectRef::new).orElse(null),
                new OsDisk(quantity("--disk-size", diskSize)),
                disks(),
                cards(),
                guestConfig(),
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null));
        return vm;
    }

    String yaml() {
        try {
            return YAML.writeValueAsString(vm());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("encoding in memory failed", e);
        }
    }

    private List<DataDisk> disks() {
        List<DataDisk> disks = new ArrayList<>();
        dataDisks.forEach((disk, size) -> disks.add(new DataDisk(disk, quantity("--data-disk", size))));
        return disks.isEmpty() ? null : disks;
    }

    private List<NetworkInterface> cards() {
        List<NetworkInterface> cards = new ArrayList<>();
        for (String network : networks) {
            cards.add(new NetworkInterface("nic" + cards.size(), network, null));
        }
        return cards.isEmpty() ? null : cards;
    }

    private GuestConfig guestConfig() {
        if (cloudInitSecret.isPresent() && sysprepSecret.isPresent()) {
            throw new CommandException("give one of --cloud-init-secret and --sysprep-secret");
        }
        return cloudInitSecret.isEmpty() && sysprepSecret.isEmpty()
                ? null
                : new GuestConfig(
                        cloudInitSecret.map(VmManifest::secret).orElse(null),
                        sysprepSecret.map(VmManifest::secret).orElse(null));
    }

    private static GuestConfig.SecretSource secret(String secret) {
        return new GuestConfig.SecretSource(new ObjectRef(secret));
    }

    private static Quantity quantity(String option, String text) {
        try {
            Quantity quantity = Quantity.parse(text);
            if (quantity.getNumericalAmount().signum() > 0) {
                return quantity;
            }
        } catch (IllegalArgumentException e) {
            throw new CommandException(option + " " + text + " is no amount such as 8Gi");
        }
        throw new CommandException(option + " " + text + " is not more than nothing");
    }
}
