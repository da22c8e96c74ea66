package io.trustedlaunch.placement;

import io.trustedlaunch.api.vm.TaintEffect;
import io.trustedlaunch.api.vm.Toleration;
import io.trustedlaunch.api.vm.Toleration.Operator;
import java.util.List;

/** A taint of a Kubernetes Node. */
public record Taint(String key, String value, TaintEffect effect) {
    boolean isTolerated(List<Toleration> tolerations) {
        return tolerations.stream().anyMatch(this::isTolerated);
    }

    private boolean isTolerated(Toleration toleration) {
        boolean matches = (toleration.key() == null || toleration.key().equals(key))
                && (toleration.effect() == null || toleration.effect() == effect);
        return matches
                && (toleration.operator() == Operator.Exists
                        || orEmpty(toleration.value()).equals(orEmpty(value)));
    }

    private static String orEmpty(String text) {
        return text == null ? "" : text;
    }

    @Override
    public String toString() {
        return key + (value == null || value.isEmpty() ? "" : "=" + value) + ":" + effect;
    }
}
