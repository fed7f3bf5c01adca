using System.Text.RegularExpressions;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace ArchitectureTests;

/// <summary>
/// The rooms of one program and who uses whom. A room is a namespace. An arrow is a reference in the compiled code, or a <c>using</c> line:
/// a constant or a <c>nameof</c> leaves no trace in the compiled code, and a nested room sees its parent without a <c>using</c>.
/// </summary>
internal sealed partial class CompiledProgram
{
    private readonly string _root;
    private readonly HashSet<string> _own;
    private readonly Dictionary<string, SortedSet<string>> _arrows = new(StringComparer.Ordinal);

    private CompiledProgram(string project, string assembly)
    {
        _root = project;
        using var module = ModuleDefinition.ReadModule(Path.Combine(AppContext.BaseDirectory, assembly));
        var types = module.GetTypes().ToArray();
        _own = [.. types.Select(t => t.FullName)];
        foreach (var type in types.Where(t => RoomOf(t).Length > 0))
        {
            AddRoom(RoomOf(type));
            foreach (var used in References(type))
                AddArrow(RoomOf(type), used);
        }

        foreach (var file in Checkout.ListFiles($"src/{project}/*.cs"))
            ReadUsings(File.ReadAllText(Path.Combine(Checkout.Root, file)));
    }

    public static IReadOnlyDictionary<string, string> Assemblies { get; } = new SortedDictionary<string, string>(StringComparer.Ordinal)
    {
        ["CalendarService"] = "CalendarService.dll",
        ["Gateway"] = "gateway.dll",
        ["ServiceDefaults"] = "ServiceDefaults.dll",
    };

    /// <summary>From a room to the rooms it uses; the program's own namespace, where it is put together, is a room as well.</summary>
    public IReadOnlyDictionary<string, SortedSet<string>> Arrows => _arrows;

    public static CompiledProgram Read(string project) => new(project, Assemblies[project]);

    /// <summary>The room's name without the program's; the program itself is <c>(program)</c>.</summary>
    public string Shorten(string room) => room == _root ? "(program)" : room[(_root.Length + 1)..];

    /// <summary>Rooms that reach each other both ways.</summary>
    public IReadOnlyList<string> FindCircles()
    {
        var reach = _arrows.Keys.ToDictionary(r => r, FindReachable, StringComparer.Ordinal);
        return [.. _arrows.Keys.Where(r => reach[r].Contains(r))
            .Select(r => string.Join(", ", reach[r].Where(o => reach[o].Contains(r)).Order(StringComparer.Ordinal)))
            .Distinct(StringComparer.Ordinal)];
    }

    /// <summary>0 for a room that uses none, else one more than the highest that it uses. Only where there is no circle.</summary>
    public int FindLayer(string room) => _arrows[room].Count == 0 ? 0 : 1 + _arrows[room].Max(FindLayer);

    public HashSet<string> FindReachable(string room)
    {
        var reached = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>(_arrows[room]);
        while (open.TryPop(out var next))
        {
            if (reached.Add(next))
            {
                foreach (var further in _arrows[next])
                    open.Push(further);
            }
        }

        return reached;
    }

    private void AddRoom(string room) => _arrows.TryAdd(room, new(StringComparer.Ordinal));

    private void AddArrow(string from, string to)
    {
        if (from == to || to.Length == 0)
            return;
        AddRoom(to);
        _arrows[from].Add(to);
    }

    private void ReadUsings(string text)
    {
        var room = Namespace().Match(text).Groups["room"].Value;
        foreach (Match line in Using().Matches(text))
        {
            if (_arrows.ContainsKey(room) && _arrows.ContainsKey(line.Groups["room"].Value))
                AddArrow(room, line.Groups["room"].Value);
        }
    }

    private IEnumerable<string> References(TypeDefinition type)
    {
        IEnumerable<TypeReference?> all =
        [
            type.BaseType,
            .. type.Interfaces.Select(i => i.InterfaceType),
            .. type.CustomAttributes.Select(a => a.AttributeType),
            .. type.GenericParameters.SelectMany(p => p.Constraints).Select(c => c.ConstraintType),
            .. type.Fields.Select(f => f.FieldType),
            .. type.Methods.SelectMany(References),
        ];
        return all.SelectMany(Unfold).Where(t => _own.Contains(t.FullName)).Select(RoomOf).Distinct(StringComparer.Ordinal);
    }

    private static IEnumerable<TypeReference?> References(MethodDefinition method)
    {
        yield return method.ReturnType;
        foreach (var parameter in method.Parameters)
            yield return parameter.ParameterType;
        foreach (var attribute in method.CustomAttributes)
            yield return attribute.AttributeType;
        if (!method.HasBody)
            yield break;
        foreach (var variable in method.Body.Variables)
            yield return variable.VariableType;
        foreach (var handler in method.Body.ExceptionHandlers)
            yield return handler.CatchType;
        foreach (var reference in method.Body.Instructions.SelectMany(References))
            yield return reference;
    }

    private static IEnumerable<TypeReference?> References(Instruction instruction) => instruction.Operand switch
    {
        TypeReference type => [type],
        GenericInstanceMethod method => [method.DeclaringType, .. method.GenericArguments],
        MethodReference method => [method.DeclaringType],
        FieldReference field => [field.DeclaringType],
        _ => [],
    };

    private static IEnumerable<TypeReference> Unfold(TypeReference? type) => type switch
    {
        null => [],
        GenericInstanceType generic => [generic.ElementType, .. generic.GenericArguments.SelectMany(Unfold)],
        TypeSpecification wrapped => Unfold(wrapped.ElementType),
        _ => [type],
    };

    private static string RoomOf(TypeReference type)
    {
        while (type.DeclaringType is { } outer)
            type = outer;
        return type.Namespace.StartsWith("System.", StringComparison.Ordinal)
            || type.Namespace.StartsWith("Microsoft.", StringComparison.Ordinal)
            ? "" // What source generators add.
            : type.Namespace;
    }

    [GeneratedRegex(@"^namespace (?<room>[\w.]+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Namespace();

    [GeneratedRegex(@"^using (static )?(?<room>[\w.]+);", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Using();
}
