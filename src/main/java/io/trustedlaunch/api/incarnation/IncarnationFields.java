package io.trustedlaunch.api.incarnation;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The fields of a VMIncarnation's spec by their paths, such as {@code machine.nics.network}. Each value of an enum is one of its
 * own, such as {@code machine.osType=Linux}: an agent that does not know the value cannot read the object.
 */
public final class IncarnationFields {
    /** Those of this build, which its agent reports. */
    public static final List<String> KNOWN = List.copyOf(known(VMIncarnationSpec.class, "", new TreeSet<>()));

    private IncarnationFields() {}

    /** The same list for all agents of this build, so that what each of a thousand nodes knows is compared at once. */
    public static List<String> shared(List<String> reported) {
        return reported.equals(KNOWN) ? KNOWN : reported;
    }

    /**
     * Those that an incarnation uses. What is absent, empty, zero or false is not used: a new field must mean nothing then.
     */
    public static SortedSet<String> usedBy(VMIncarnationSpec incarnation) {
        return used(incarnation, "", new TreeSet<>());
    }

    private static SortedSet<String> known(Class<?> type, String path, SortedSet<String> found) {
        if (type.isRecord()) {
            for (RecordComponent component : type.getRecordComponents()) {
                known(elementType(component), below(path, component), found);
            }
        } else if (type.isEnum()) {
            for (Object value : type.getEnumConstants()) {
                found.add(path + "=" + value);
            }
        } else {
            found.add(path);
        }
        return found;
    }

    private static SortedSet<String> used(Object value, String path, SortedSet<String> found) {
        switch (value) {
            case null -> {}
            case List<?> list -> list.forEach(element -> used(element, path, found));
            case Record aRecord -> {
                for (RecordComponent component : aRecord.getClass().getRecordComponents()) {
                    used(valueOf(component, aRecord), below(path, component), found);
                }
            }
            case Enum<?> constant -> found.add(path + "=" + constant);
            case Boolean isSet when !isSet -> {}
            case Number number when number.longValue() == 0 -> {}
            case String text when text.isEmpty() -> {}
            default -> found.add(path);
        }
        return found;
    }

    private static String below(String path, RecordComponent component) {
        return path.isEmpty() ? component.getName() : path + "." + component.getName();
    }

    private static Class<?> elementType(RecordComponent component) {
        return component.getGenericType() instanceof ParameterizedType list
                ? (Class<?>) list.getActualTypeArguments()[0]
                : component.getType();
    }

    private static Object valueOf(RecordComponent component, Record aRecord) {
        try {
            return component.getAccessor().invoke(aRecord);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(component + " cannot be read", e);
        }
    }
}
