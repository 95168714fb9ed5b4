"""Words of the case pane: why not, what happened, and reasons to choose from: key -> (zh, en)."""

WHY: dict[str, tuple[str, str]] = {
    "why.state": ("案卷{state}，不能{verb}", "The case is {state}: no “{verb}”"),
    "why.instead": ("；现在可以：{verbs}", "; possible now: {verbs}"),
    "why.nothing": ("；现在没有您可办的", "; nothing is yours to do now"),
    "why.close": (
        "{verb}未开放：还没有处置反馈和核查通过",
        "“{verb}” is not open: feedback and a passed inspection are missing",
    ),
    "why.role": ("您的岗位不能{verb}", "“{verb}” is not for your post"),
    "why.tier": (
        "案卷在{tier}一级，不能在您这一级{verb}",
        "The {tier} holds this case; “{verb}” is not for your tier",
    ),
    "why.department": (
        "案卷不在您的部门，不能{verb}",
        "The case is not with your department: no “{verb}”",
    ),
    "why.confirm_first": ("外来上报要先核实", "A report from outside is confirmed first"),
    "why.not_found": (
        "核实未发现，请不予立案或再次核实",
        "Nothing was found: reject it or confirm again",
    ),
    "why.not_in_grid": (
        "案卷在{tier}一级，只有社区能在网格内解决",
        "The {tier} holds it; only a community solves in the grid",
    ),
    "why.suspended_before": ("每件最多挂账一次", "A case is suspended once at most"),
    "why.extended_before": ("每件最多延期两次", "A case is extended twice at most"),
    "why.appealed_before": ("每件只能申诉一次", "A case is appealed once"),
    "why.no_appeal": ("没有待裁定的申诉", "There is no open appeal"),
    "why.top": ("已在区一级，上面没有了", "The district holds it; there is no tier above"),
    "why.bottom": ("已在社区一级，下面没有了", "The community holds it; there is no tier below"),
    "why.undo_not_yours": (
        "之后已有人办理，不能撤销",
        "Somebody has gone on with it; it cannot be undone",
    ),
    "why.undo_late": ("超过 10 秒，不能撤销", "More than 10 seconds ago; it cannot be undone"),
    "why.needs_whistle": (
        "区直部门不能由街道直接派遣，请吹哨（W）",
        "This department answers the district; whistle for it (W)",
    ),
    "why.apart": ("案件已经单列", "The case stands alone already"),
    "why.not_apart": ("案件没有被单列，不用并回", "The case was not taken out of a fold"),
    "why.other": ("{verb}没有办成，请再看一遍", "“{verb}” did not work; look again"),
    "ask.cancel": ("作废案卷？", "Cancel the case?"),
    "ask.cancel.text": (
        "案卷 {id} 将不再办理。超过 10 秒就不能恢复。",
        "Case {id} will not be worked on any more. After 10 seconds it cannot be restored.",
    ),
    "ask.cancel.yes": ("填写理由后作废", "Give a reason and cancel"),
    "ask.force_close": ("强制结案？", "Force the case closed?"),
    "ask.force_close.text": (
        "案卷 {id} 不经核查就结束。超过 10 秒就不能恢复。",
        "Case {id} ends without an inspection. After 10 seconds it cannot be restored.",
    ),
    "ask.force_close.yes": ("填写理由后结案", "Give a reason and close"),
}

TRAIL: dict[str, tuple[str, str]] = {
    "trail": ("审计轨迹", "Audit trail"),
    "trail.note": ("只增不改 · {n} 条", "append only · {n} entry|append only · {n} entries"),
    "trail.viewed": ("查看 {n} 次", "looked at it {n} time|looked at it {n} times"),
    "trail.reported": ("上报", "reported"),
    "trail.up": ("自动升级到{tier}：{why}", "escalated to the {tier}: {why}"),
    "trail.refused": ("被拒绝", "refused"),
    "trail.role.outside": ("外部系统", "outside system"),
    "trail.role.rule": ("规则", "rule"),
    "trail.role.report": ("上报人", "reporter"),
    "did.acknowledge": ("确认", "acknowledged"),
    "did.confirm": ("核实", "confirmed"),
    "did.file": ("立案", "filed"),
    "did.reject": ("不予立案", "rejected"),
    "did.solve": ("网格内解决", "solved in the grid"),
    "did.dispatch": ("派遣", "dispatched"),
    "did.accept": ("接单", "accepted"),
    "did.handle": ("处置完成", "handled"),
    "did.return": ("退回", "returned"),
    "did.inspect": ("核查", "inspected"),
    "did.rework": ("返工", "to be done again"),
    "did.suspend": ("挂账", "suspended"),
    "did.resume": ("恢复计时", "clock goes on"),
    "did.extend": ("延期", "extended"),
    "did.close": ("结案", "closed"),
    "did.force_close": ("强制结案", "closed by force"),
    "did.cancel": ("作废", "cancelled"),
    "did.appeal": ("申诉", "appealed"),
    "did.judge": ("裁定申诉", "appeal judged"),
    "did.supervise": ("督办", "supervised"),
    "did.whistle": ("吹哨", "whistled"),
    "did.escalate": ("升级", "escalated"),
    "did.assign": ("下交", "assigned down"),
    "did.unfold": ("移出合并，单列", "took it out of its fold"),
    "did.fold": ("并回相似案件", "folded it back"),
    "did.undo": ("撤销上一步", "took the last step back"),
}

# Four reasons for each verb that wants one; they go into the note as they stand here.
_REASONS: dict[str, tuple[tuple[str, str], ...]] = {
    "return": (
        ("不属本部门职责", "not our duty"),
        ("地点不符", "wrong place"),
        ("情况不清", "unclear"),
        ("力量不足", "no one free"),
    ),
    "rework": (
        ("处置不彻底", "not done completely"),
        ("照片不符", "photos do not fit"),
        ("地点不符", "wrong place"),
        ("又出现了", "it is back"),
    ),
    "suspend": (
        ("等待材料", "waiting for material"),
        ("天气原因", "weather"),
        ("需其他单位先办", "others have to go first"),
        ("当事人不在", "those concerned are away"),
    ),
    "extend": (
        ("工程量大", "much to do"),
        ("需要审批", "needs an approval"),
        ("天气原因", "weather"),
        ("多部门会办", "several departments"),
    ),
    "cancel": (
        ("重复上报", "reported twice"),
        ("误报", "false report"),
        ("不属本区", "not of this district"),
        ("上报人撤回", "withdrawn by the reporter"),
    ),
    "force_close": (
        ("现场已恢复", "the place is in order"),
        ("重复上报", "reported twice"),
        ("长期无法处置", "cannot be handled for long"),
        ("领导指示", "a leader's instruction"),
    ),
    "appeal": (
        ("非本部门原因", "not caused by us"),
        ("不可抗力", "force majeure"),
        ("时限计算有误", "the limit was counted wrongly"),
        ("核查有误", "the inspection was wrong"),
    ),
    "judge": (
        ("理由充分", "good reasons"),
        ("证据不足", "not enough evidence"),
        ("按规定", "by the rules"),
        ("另行说明", "see the note"),
    ),
    "reject": (
        ("不属受理范围", "not within our scope"),
        ("重复上报", "reported twice"),
        ("未发现问题", "nothing found"),
        ("信息不全", "information missing"),
    ),
    "escalate": (
        ("超出本级权限", "beyond our power"),
        ("需多部门协同", "needs several departments"),
        ("有扩大风险", "may grow"),
        ("久拖未决", "pending for long"),
    ),
    "solve": (
        ("当场清理", "cleared on the spot"),
        ("当场劝离", "settled by talking"),
        ("已修复", "repaired"),
        ("当事人已整改", "put right by those concerned"),
    ),
}  # fmt: skip
PRESETS = {
    f"preset.{verb}.{n}": words
    for verb, reasons in _REASONS.items()
    for n, words in enumerate(reasons, start=1)
}
