"""Words of whistles (吹哨报到): key -> (zh, en), for words.py."""

from typing import Final

# name of a step: on its button, in the bar when it was done, in a case's history
_STEPS: Final = {
    "draft": (("拟哨", "Draft"), ("已拟哨，待街道批准", "Drafted, waits for the street"),
              ("拟哨待批", "whistle drafted")),
    "approve": (("批准", "Approve"), ("已批准吹哨", "Whistle approved"),
                ("批准吹哨", "whistle approved")),
    "blow": (("吹哨", "Blow"), ("已吹哨", "Whistle blown"), ("吹哨", "whistle blown")),
    "acknowledge": (("应哨", "Answer"), ("已应哨", "Whistle answered"),
                    ("应哨", "whistle answered")),
    "arrive": (("到场报到", "Report in"), ("已到场报到", "Reported in on scene"),
               ("到场报到", "reported in on scene")),
    "handle": (("开始处置", "Start handling"), ("已开始处置", "Handling begun"),
               ("开始处置", "handling begun")),
    "finish": (("办结", "Finish"), ("已办结", "Part done"), ("部门办结", "its part done")),
    "remind": (("催办", "Remind"), ("已催办", "Departments reminded"),
               ("催办", "departments reminded")),
    "withdraw": (("撤哨", "Withdraw"), ("已撤哨", "Whistle withdrawn"),
                 ("撤哨", "whistle withdrawn")),
    "rate": (("评价", "Rate"), ("已评价", "Rated"), ("评哨", "department rated")),
    "archive": (("归档", "File away"), ("已归档", "Filed away"), ("归档", "whistle filed away")),
    "cancel": (("取消", "Cancel"), ("已取消吹哨", "Whistle cancelled"),
               ("取消吹哨", "whistle cancelled")),
}  # fmt: skip

STEPS: dict[str, tuple[str, str]] = {
    f"{kind}.whistle.{step}": words
    for step, three in _STEPS.items()
    for kind, words in zip(("do", "done", "did"), three, strict=True)
}

_STATES: dict[str, tuple[str, str]] = {
    "whistle.state.drafted": ("待街道批准", "waits for the street's approval"),
    "whistle.state.approved": ("已批准，待吹哨", "approved, not blown yet"),
    "whistle.state.blown": ("进行中", "under way"),
    "whistle.state.withdrawn": ("已撤哨，待评价", "withdrawn, to be rated"),
    "whistle.state.archived": ("已归档", "filed away"),
    "whistle.state.cancelled": ("已取消", "cancelled"),
    "whistle.part.called": ("待应哨", "called"),
    "whistle.part.acknowledged": ("已应哨", "answered"),
    "whistle.part.on_scene": ("已到场", "on scene"),
    "whistle.part.handling": ("处置中", "handling"),
    "whistle.part.done": ("已办结", "done"),
    "whistle.step.called": ("吹哨", "Called"),
    "whistle.step.acknowledged": ("应哨", "Answered"),
    "whistle.step.on_scene": ("到场", "On scene"),
    "whistle.step.handling": ("处置", "Handling"),
    "whistle.step.done": ("办结", "Done"),
    "whistle.step.skipped": ("未经过", "skipped"),
    "whistle.sum.drafted": ("吹哨待批准", "whistle: to be approved"),
    "whistle.sum.approved": ("已批待吹", "whistle: approved, not blown"),
    "whistle.sum.answered": ("吹哨 {n}/{of} 已应", "whistle: {n}/{of} answered"),
    "whistle.sum.done": ("吹哨 {done}/{of} 办结", "whistle: {done}/{of} done"),
    "whistle.sum.all_done": ("吹哨办结待撤", "whistle: all done, to be withdrawn"),
    "whistle.sum.withdrawn": ("撤哨待评价", "whistle: to be rated"),
    "whistle.sum.archived": ("吹哨已归档", "whistle: filed away"),
    "whistle.sum.cancelled": ("吹哨已取消", "whistle: cancelled"),
    "whistle.overdue": ("{n} 家超时", "{n} overdue"),
}

_PANE: dict[str, tuple[str, str]] = {
    "whistle.title": ("吹哨报到", "Whistle and report-in"),
    "whistle.drafted": ("{by} {time} 拟哨", "drafted by {by} {time}"),
    "whistle.approved": ("{by} {time} 批准", "approved by {by} {time}"),
    "whistle.blown": ("{by} {time} 吹哨", "blown by {by} {time}"),
    "whistle.blown.at": ("{time} 吹哨", "blown {time}"),
    "whistle.reminded": ("{time} 催办", "reminded {time}"),
    "whistle.withdrawn": ("{time} 撤哨", "withdrawn {time}"),
    "whistle.escalated": ("超时已报区：{what}", "overdue, with the district: {what}"),
    "whistle.escalation": ("{department} {clock} {time}", "{department}, {clock}, {time}"),
    "whistle.steps": ("{name}的步骤", "Steps of {name}"),
    "whistle.clock.acknowledge": ("应哨限", "to answer"),
    "whistle.clock.arrive": ("到场限", "to arrive"),
    "whistle.clock.finish": ("办结限", "to finish"),
    "whistle.left": ("剩 {time} · 已用 {share}%", "{time} left · {share}% used"),
    "whistle.over": ("超时 {time}", "overdue {time}"),
    "whistle.over.share": ("已用 {share}%", "{share}% used"),
    "whistle.until": ("{clock} {time}", "{clock} by {time}"),
    "whistle.answer.contact": ("沟通", "Spoke with"),
    "whistle.answer.measures": ("措施", "Measures"),
    "whistle.answer.promised": ("承诺办结", "Promised by"),
    "whistle.answer.at": ("受理", "Taken up"),
    "whistle.rated": ("响应 {speed}/5 · 质量 {quality}/5", "speed {speed}/5 · quality {quality}/5"),
    "whistle.missed": ("已错过：{clocks}", "missed: {clocks}"),
    "whistle.note": ("说明", "Note"),
    "whistle.ended.note": ("结束说明", "Closing note"),
    "whistle.actions": ("吹哨办理", "Whistle actions"),
    "whistle.will.emergency": (
        "应急哨：即刻吹响，不待批准",
        "An emergency: blown at once, waits for nobody",
    ),
    "whistle.will.approver": (
        "由您批准，即刻吹响",
        "You approve it yourself: it is blown at once",
    ),
    "whistle.will.approval": (
        "先拟哨，街道批准后才吹响",
        "Drafted first: it is blown after the street's approval",
    ),
    "whistle.form.acknowledge": ("应哨 · {name}", "Answer for {name}"),
    "whistle.form.withdraw": ("撤哨", "Withdraw the whistle"),
    "whistle.form.withdraw.hint": ("由街道确认", "the street confirms"),
    "whistle.form.withdraw.open": (
        "还有部门未办结，撤哨须写明原因",
        "Not all are done: say why it is withdrawn all the same",
    ),
    "whistle.form.cancel": ("取消吹哨", "Cancel the whistle"),
    "whistle.form.rate": ("评价 · {name}", "Rate {name}"),
    "whistle.form.rate.hint": ("1 最差，5 最好；按数字键", "1 worst, 5 best; press a digit"),
    "whistle.field.contact": ("与谁沟通（单位、姓名、电话）", "Whom you spoke with"),
    "whistle.field.measures": ("解决措施", "What will be done"),
    "whistle.field.promised_at": ("承诺解决时限", "Promised to be solved by"),
    "whistle.field.note": ("说明", "Note"),
    "whistle.field.speed": ("响应效率", "Speed"),
    "whistle.field.quality": ("办理质量", "Quality"),
    "whistle.promise.30": ("30 分", "30 min"),
    "whistle.promise.60": ("1 小时", "1 h"),
    "whistle.promise.120": ("2 小时", "2 h"),
    "whistle.promise.240": ("4 小时", "4 h"),
    "whistle.promise.1440": ("1 天", "1 day"),
    "whistle.need.contact": ("请写明与谁沟通", "Say whom you spoke with"),
    "whistle.need.measures": ("请写明解决措施", "Say what will be done"),
    "whistle.need.promised_at": ("请选择承诺时限", "Choose by when"),
    "whistle.need.note": ("请写明原因", "Say why"),
    "whistle.need.speed": ("请给响应效率打分", "Rate the speed"),
    "whistle.need.quality": ("请给办理质量打分", "Rate the quality"),
    "whistle.wrong.promised_at": (
        "承诺时限不能早于现在",
        "The promised time lies behind us",
    ),
    "whistle.wrong": ("没有办成：{reason}", "That did not work: {reason}"),
    "whistle.gone": ("这个哨已不在了", "This whistle is no longer here"),
    "whistle.busy": ("正在办理：{verb}", "Under way: {verb}"),
    "whistle.outrun": (
        "{verb}没有办成：{by} 已先在 {time} 办理（{what}）。现在是最新情况",
        "{verb} was not done: {by} was first at {time} ({what}). This is the newest now",
    ),
    "whistle.outrun.unknown": (
        "{verb}没有办成：这个哨刚有变化。现在是最新情况",
        "{verb} was not done: the whistle has just changed. This is the newest now",
    ),
    "whistle.why.role": ("您的岗位不能{verb}", "“{verb}” is not for your post"),
    "whistle.why.tier": ("{verb}由街道决定", "The street decides on “{verb}”"),
    "whistle.why.state": ("{state}，不能{verb}", "It is {state}: no “{verb}”"),
    "whistle.why.department": (
        "部门只能为自己应哨",
        "A department answers for itself alone",
    ),
    "whistle.why.not_called": ("没有吹您部门的哨", "Your department is not called"),
    "whistle.why.part": ("这一步现在不能办", "This step is not possible now"),
    "whistle.why.rated_before": ("已经评价过", "It was rated already"),
    "whistle.why.not_done": (
        "还有部门未办结，须写明原因",
        "Not all are done: it needs a reason",
    ),
    "whistle.why.case_ended": ("案卷已结束", "The case has ended"),
    "whistle.why.approve_first": ("街道批准后才能吹哨", "The street approves it first"),
    "whistle.why.other": ("{verb}没有办成，请再看一遍", "“{verb}” did not work; look again"),
}

# The list of whistles and the figures of the departments.
_DESK: dict[str, tuple[str, str]] = {
    "whistle.queue": ("吹哨", "Whistles"),
    "whistle.queue.of": (
        "吹哨：{n} 件待我办，{open} 件进行中",
        "Whistles: {n} wait for you, {open} under way",
    ),
    "whistle.queue.mine": ("待我办", "Waiting for you"),
    "whistle.queue.others": ("其他进行中", "Others under way"),
    "whistle.queue.none": ("没有待您办的吹哨", "No whistle waits for you"),
    "whistle.queue.none.open": ("没有进行中的吹哨", "No whistle is under way"),
    "whistle.queue.failed": ("吹哨没有读到，正在重试", "Whistles could not be read, trying again"),
    "whistle.queue.cut": ("只列最新 {n} 件", "the newest {n} alone"),
    "whistle.queue.open": ("打开案卷", "open the case"),
    "whistle.queue.close": ("关闭", "Close"),
    "desk.key.whistles": ("吹哨和部门应哨情况", "whistles, and how departments answer"),
    "whistle.figures": ("部门应哨", "How departments answer"),
    "whistle.figures.period": ("{from} 至 {to}", "{from} to {to}"),
    "whistle.figures.rate": (
        "吹哨 {n} 次 · 案卷 {cases} 件 · 每百件 {rate} 次",
        "{n} whistles · {cases} cases · {rate} per hundred",
    ),
    "whistle.figures.failed": ("没有读到", "could not be read"),
    "whistle.figures.department": ("部门", "Department"),
    "whistle.figures.called": ("被吹", "Called"),
    "whistle.figures.answered": ("已应", "Answered"),
    "whistle.figures.answer_rate": ("应哨率", "Answer rate"),
    "whistle.figures.answer": ("应哨用时（分）", "To answer, min"),
    "whistle.figures.finish": ("办结用时（分）", "To finish, min"),
    "whistle.figures.speed": ("响应", "Speed"),
    "whistle.figures.quality": ("质量", "Quality"),
    "whistle.figures.few": ("样本不足（n={n}）", "too few (n={n})"),
    "whistle.figures.of": ("{value}（n={n}）", "{value} (n={n})"),
    "whistle.figures.median": ("中位 {median} · P90 {p90}", "median {median} · p90 {p90}"),
    "whistle.figures.none": ("这段时间没有吹哨", "No whistle was blown in this time"),
    "whistle.figures.least": (
        "不足 {n} 次不算率；用时为中位数和 90 分位",
        "No rate under {n}; times are the median and the 90th percentile",
    ),
}

MAP: dict[str, tuple[str, str]] = {
    "overlay.whistles": ("吹哨", "Whistles"),
    "whistle.pin": ("{kind}，{title}，{state}", "{kind} whistle, {title}, {state}"),
    "whistle.pin.none": ("待街道批准或吹响", "not blown yet"),
    "whistle.popup.open": ("打开案卷", "Open the case"),
    "whistle.popup.close": ("关闭", "Close"),
    "whistle.unplaced": ("位置未知，标在网格上", "place unknown, drawn on its grid"),
}

KINDS: dict[str, tuple[str, str]] = {
    "whistle.daily": ("日常哨", "daily"),
    "whistle.hard": ("攻坚哨", "hard problem"),
    "whistle.emergency": ("应急哨", "emergency"),
}

WHISTLE: dict[str, tuple[str, str]] = {**STEPS, **_STATES, **_PANE, **_DESK, **MAP}

# what the one map says of whistles
ON_MAP: dict[str, tuple[str, str]] = {**_STATES, **MAP, **KINDS,
    **{key: _PANE[key] for key in _PANE if key.startswith(("whistle.left", "whistle.over",
                                                           "whistle.until", "whistle.clock"))},
}  # fmt: skip
