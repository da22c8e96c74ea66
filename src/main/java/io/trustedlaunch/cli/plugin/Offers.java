package io.trustedlaunch.cli.plugin;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.trustedlaunch.api.NamespaceRestricted;
import io.trustedlaunch.api.image.GuestImage;
import io.trustedlaunch.cli.CommandException;
import io.trustedlaunch.cli.plugin.report.ImageList;
import java.net.HttpURLConnection;
import java.util.Optional;
import java.util.function.Supplier;

/** The offers of administrators to a namespace: images, networks, storage locations and backup locations. */
record Offers(KubernetesClient client, String namespace) {
    private static final String ROLE = "trusted-launch-offers";

    ImageList images() {
        return new ImageList(
                allowed(
                        "list",
                        GuestImage.class,
                        () -> client.resources(GuestImage.class).list().getItems()),
                namespace);
    }

    /** @throws CommandException if there is none of this name, it is not offered to the namespace, or the user may not see it */
    <S extends NamespaceRestricted, T extends CustomResource<S, ?>> void require(Class<T> kind, String name) {
        T found = allowed(
                "get",
                kind,
                () -> Optional.ofNullable(client.resources(kind).withName(name).get())
                        .orElseThrow(() -> new CommandException(object(kind, name) + " does not exist. To list them:"
                                + " kubectl get " + HasMetadata.getPlural(kind))));
        if (!found.getSpec().allows(namespace)) {
            throw new CommandException(object(kind, name) + " is not offered to namespace " + namespace
                    + ": use another one, or ask an administrator to add the namespace to its spec.allowedNamespaces");
        }
    }

    private static String object(Class<? extends HasMetadata> kind, String name) {
        return HasMetadata.getKind(kind) + " " + name;
    }

    private static <R> R allowed(String verb, Class<? extends HasMetadata> kind, Supplier<R> read) {
        try {
            return read.get();
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_FORBIDDEN) {
                throw new ForbiddenException("you may not " + verb + " " + HasMetadata.getPlural(kind)
                        + ": ask an administrator to bind ClusterRole " + ROLE + " to you");
            }
            throw e;
        }
    }

    /** The user may not see what is offered. */
    static final class ForbiddenException extends CommandException {
        private static final long serialVersionUID = 1L;

        ForbiddenException(String message) {
            super(message);
        }
    }
}
