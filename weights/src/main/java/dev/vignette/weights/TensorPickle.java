package dev.vignette.weights;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A pickle machine that builds dictionaries, lists, numbers, texts and tensor descriptions, and
 * nothing else: every other class or call becomes an inert marker. Opcodes as in CPython's {@code
 * pickletools.py}, protocols 2 to 4.
 */
final class TensorPickle {
  /** A class or function named by the pickle; never looked up. */
  record Global(String module, String name) {}

  /** A storage that a tensor refers to. */
  record Storage(String key, ElementType type) {}

  /** The result of any call that is not about tensors. */
  record Inert(Object callee) {}

  private enum Mark {
    MARK
  }

  private enum None {
    NONE
  }

  private static final Map<String, ElementType> STORAGES =
      Map.of(
          "FloatStorage", ElementType.F32,
          "DoubleStorage", ElementType.F64,
          "HalfStorage", ElementType.F16,
          "BFloat16Storage", ElementType.BF16,
          "LongStorage", ElementType.I64,
          "IntStorage", ElementType.I32,
          "ShortStorage", ElementType.I16,
          "CharStorage", ElementType.I8,
          "ByteStorage", ElementType.U8,
          "BoolStorage", ElementType.BOOL);

  private final ByteBuffer in;
  private final Deque<Object> stack = new ArrayDeque<>();
  private final Map<Integer, Object> memo = new HashMap<>();
  private final Map<String, ElementType> storages = new HashMap<>();

  TensorPickle(ByteBuffer in) {
    this.in = in;
  }

  /** Runs the pickle to its end and returns what it built. */
  Object read() {
    while (true) {
      int opcode = Byte.toUnsignedInt(in.get());
      if (opcode == '.') {
        return stack.pop();
      }
      if (!scalar(opcode) && !container(opcode) && !memoOrCall(opcode)) {
        throw new WeightsException(
            "its pickle uses opcode 0x%02x at byte %d, which no saved tensor needs"
                .formatted(opcode, in.position() - 1));
      }
    }
  }

  /** The element types of all storages that the pickle refers to, by key. */
  Map<String, ElementType> storages() {
    return storages;
  }

  private boolean scalar(int opcode) {
    switch (opcode) {
      case 0x80 -> in.get(); // PROTO
      case 0x95 -> in.getLong(); // FRAME
      case 'N' -> stack.push(None.NONE);
      case 0x88 -> stack.push(true);
      case 0x89 -> stack.push(false);
      case 'J' -> stack.push((long) in.getInt());
      case 'K' -> stack.push((long) Byte.toUnsignedInt(in.get()));
      case 'M' -> stack.push((long) Short.toUnsignedInt(in.getShort()));
      case 0x8a -> stack.push(longOf(Byte.toUnsignedInt(in.get())));
      case 'G' -> stack.push(Double.longBitsToDouble(Long.reverseBytes(in.getLong())));
      case 'X' -> stack.push(text(in.getInt()));
      case 0x8c -> stack.push(text(Byte.toUnsignedInt(in.get())));
      case 'c' -> stack.push(new Global(line(), line()));
      case 0x93 -> { // STACK_GLOBAL
        String name = (String) stack.pop();
        stack.push(new Global((String) stack.pop(), name));
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  private boolean container(int opcode) {
    switch (opcode) {
      case '(' -> stack.push(Mark.MARK);
      case '}' -> stack.push(new LinkedHashMap<Object, Object>());
      case ']', ')' -> stack.push(new ArrayList<Object>());
      case 't', 'l' -> stack.push(toMark());
      case 0x85 -> stack.push(top(1));
      case 0x86 -> stack.push(top(2));
      case 0x87 -> stack.push(top(3));
      case 'a' -> addAll(top(1));
      case 'e' -> addAll(toMark());
      case 's' -> putAll(top(2));
      case 'u' -> putAll(toMark());
      case '0' -> stack.pop();
      default -> {
        return false;
      }
    }
    return true;
  }

  private boolean memoOrCall(int opcode) {
    switch (opcode) {
      case 'q' -> memo.put(Byte.toUnsignedInt(in.get()), stack.element());
      case 'r' -> memo.put(in.getInt(), stack.element());
      case 0x94 -> memo.put(memo.size(), stack.element());
      case 'h' -> stack.push(remembered(Byte.toUnsignedInt(in.get())));
      case 'j' -> stack.push(remembered(in.getInt()));
      case 'Q' -> stack.push(storage(stack.pop()));
      case 'R', 0x81 -> { // REDUCE, NEWOBJ
        List<?> arguments = (List<?>) stack.pop();
        stack.push(call(stack.pop(), arguments));
      }
      case 'b' -> stack.pop(); // BUILD: the state of an object that is not built
      default -> {
        return false;
      }
    }
    return true;
  }

  private static Object call(Object callee, List<?> arguments) {
    if (callee instanceof Global(String module, String name)) {
      if (module.equals("collections") && name.equals("OrderedDict")) {
        return new LinkedHashMap<Object, Object>();
      }
      if (module.equals("torch._utils") && name.equals("_rebuild_tensor_v2")) {
        Storage storage = (Storage) arguments.get(0);
        long[] shape = longs(arguments.get(2)).stream().mapToLong(Long::longValue).toArray();
        return new StoredTensor(
            storage.key(),
            storage.type(),
            (Long) arguments.get(1),
            TensorShape.of(shape),
            longs(arguments.get(3)));
      }
      if (module.equals("torch._utils") && name.equals("_rebuild_parameter")) {
        return arguments.get(0);
      }
    }
    return new Inert(callee);
  }

  /** The storage behind a persistent id {@code ("storage", class, key, location, elements)}. */
  private Object storage(Object id) {
    if (id instanceof List<?> parts && parts.size() >= 3 && parts.get(1) instanceof Global type) {
      ElementType elements = STORAGES.get(type.name());
      if (elements == null) {
        throw new WeightsException("its storage class %s is not known".formatted(type.name()));
      }
      String key = (String) parts.get(2);
      storages.put(key, elements);
      return new Storage(key, elements);
    }
    throw new WeightsException("its pickle refers to something that is no storage");
  }

  private static List<Long> longs(Object tuple) {
    return ((List<?>) tuple).stream().map(Long.class::cast).toList();
  }

  private Object remembered(int index) {
    @Nullable Object value = memo.get(index);
    if (value == null) {
      throw new WeightsException(
          "its pickle recalls value %d, which it never stored".formatted(index));
    }
    return value;
  }

  private List<Object> toMark() {
    List<Object> values = new ArrayList<>();
    for (Object value = stack.pop(); value != Mark.MARK; value = stack.pop()) {
      values.add(value);
    }
    Collections.reverse(values);
    return values;
  }

  private List<Object> top(int count) {
    List<Object> values = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      values.add(stack.pop());
    }
    Collections.reverse(values);
    return values;
  }

  @SuppressWarnings("unchecked")
  private void addAll(List<Object> values) {
    if (stack.element() instanceof List<?> list) {
      ((List<Object>) list).addAll(values);
    }
  }

  @SuppressWarnings("unchecked")
  private void putAll(List<Object> values) {
    if (stack.element() instanceof Map<?, ?> map) {
      for (int i = 0; i + 1 < values.size(); i += 2) {
        ((Map<Object, Object>) map).put(values.get(i), values.get(i + 1));
      }
    }
  }

  private long longOf(int bytes) {
    byte[] littleEndian = new byte[bytes];
    in.get(littleEndian);
    for (int i = 0; i < bytes / 2; i++) {
      byte swapped = littleEndian[i];
      littleEndian[i] = littleEndian[bytes - 1 - i];
      littleEndian[bytes - 1 - i] = swapped;
    }
    return bytes == 0 ? 0 : new BigInteger(littleEndian).longValueExact();
  }

  private String text(int bytes) {
    if (bytes < 0 || bytes > in.remaining()) {
      throw new WeightsException(
          "its pickle has a text of %d bytes at byte %d, but only %d follow: the file is damaged, so get it again"
              .formatted(Integer.toUnsignedLong(bytes), in.position(), in.remaining()));
    }
    byte[] utf8 = new byte[bytes];
    in.get(utf8);
    return new String(utf8, StandardCharsets.UTF_8);
  }

  private String line() {
    StringBuilder text = new StringBuilder();
    for (byte b = in.get(); b != '\n'; b = in.get()) {
      text.append((char) b);
    }
    return text.toString();
  }
}
