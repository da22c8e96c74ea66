package io.trustedlaunch.process;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.BeanProperty;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.deser.ContextualDeserializer;
import com.fasterxml.jackson.databind.deser.std.StdScalarDeserializer;
import com.fasterxml.jackson.databind.deser.std.StringDeserializer;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Quantity;
import java.io.IOException;
import java.util.Set;

/**
 * Reads short texts so that equal ones are mostly the same object. Objects in the caches have the same names, reasons, addresses and times
 * over and over. What comes into one slot goes out of it with the next that has its hash: nothing grows, whatever is read.
 */
final class SharedTexts extends StdScalarDeserializer<String> implements ContextualDeserializer {
    private static final long serialVersionUID = 1L;
    private static final String OURS = "io.trustedlaunch.";

    /** Those beside our own. Not Secrets: what is in one must not outlive it. */
    private static final Set<Class<?>> SHARING =
            Set.of(Condition.class, ObjectMeta.class, OwnerReference.class, Quantity.class);

    /** A digest is 64 characters, and comes once. */
    private static final int MOST_CHARACTERS = 63;

    private static final int SLOTS = 1 << 15;

    private final transient String[] slots = new String[SLOTS];

    SharedTexts() {
        super(String.class);
    }

    @Override
    public JsonDeserializer<?> createContextual(DeserializationContext context, BeanProperty property) {
        return property != null
                        && property.getMember() != null
                        && shares(property.getMember().getDeclaringClass())
                ? this
                : StringDeserializer.instance;
    }

    private static boolean shares(Class<?> owner) {
        return SHARING.contains(owner) || owner.getName().startsWith(OURS);
    }

    @Override
    public String deserialize(JsonParser parser, DeserializationContext context) throws IOException {
        String text = StringDeserializer.instance.deserialize(parser, context);
        return text == null || text.length() > MOST_CHARACTERS ? text : shared(text);
    }

    /** Threads may overwrite each other's: a text is complete whoever sees it. */
    private String shared(String text) {
        int hash = text.hashCode();
        int slot = (hash ^ hash >>> 16) & SLOTS - 1;
        String known = slots[slot];
        if (text.equals(known)) {
            return known;
        }
        slots[slot] = text;
        return text;
    }
}
