"""Which words carry little meaning, and which open a question or report trouble, by language?

Lists are short on purpose: they hold what people type to a help desk, not a whole grammar.
"""

from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(" ".join(phrase.split()) for phrase in text.split(","))


FUNCTION_WORDS: Final = {
    "en": _words(
        """
        a about after all also am an and any anyone are as at be been before being but by can could
        did do does doing for from get getting got had has have having he her here him his how i
        i'd i'll i'm i've if in into is it it's its just like me my myself need of on one or our
        please she should so some somebody someone somehow such than that that's the their them
        then there these they this those to too try trying us use using very want was we were what
        what's when where which who whom whose why will with would you your
        """
    ),
    "de": _words(
        """
        aber alle allen als also am an auch auf aus bei beim bin bis bitte brauche da damit dann
        das dass dem den der des dich die dies diese diesem diesen dieser dieses doch du durch ein
        eine einem einen einer eines er es etwas für gibt habe haben hallo hat hatte ich ihm ihn
        ihr ihre im in ist ja jemand kann kannst können man mein meine meinem meinen meiner mich
        mir mit muss müssen nach nicht noch nur ob oder schon sein seine sich sie sind so soll
        sollte über um und uns unser unsere vom von vor wann war warum was weil welche welchem
        welchen welcher welches wenn wer werden wie wieso wir wird wo woher wohin wurde würde zu
        zum zur
        """
    ),
    "fr": _words(
        """
        a à ai alors as au aucun aussi autre aux avec avez avoir avons ça car ce cela ces cet cette
        ceux chez comme comment d dans de des donc du elle elles en encore es est et être eu faire
        fait faut il ils j je l la le les leur leurs lui m ma mais me mes moi mon n ne nos notre
        nous on ont ou où par pas peut peux plus pour pourquoi puis qu quand que quel quelle
        quelles quels qui quoi s sa sans se ses si son sont suis sur t ta te tes toi ton tu un une
        vos votre vous y
        """
    ),
    "es": _words(
        """
        a al algo algún alguna alguno ante antes como cómo con cual cuál cuales cuando cuándo de
        del desde donde dónde el él ella ellas ellos en entre era es esa ese eso esta está están
        este esto estoy favor fue ha haber hace hacer hacia han hasta hay he la las le les lo los
        me mi mis muy nada necesito ni no nos o otra otro para pero por porque puede puedo qué que
        quien quién quiero se ser si sí sin sobre son soy su sus también te tengo tiene tu tus u un
        una uno unos usted y ya yo
        """
    ),
    "pt": _words(
        """
        a ao aos as até com como da das de dela dele do dos e é ela elas ele eles em entre era essa
        esse esta está estão este estou eu favor fazer foi há isso isto já lhe mais mas me meu meus
        minha minhas na não nas nem no nos nós nossa nosso num numa o os ou para pela pelas pelo
        pelos poderia podem posso preciso por porque pra qual quais quando que quem quero se sem
        ser seu seus só sobre sua suas tem tenho ter um uma umas uns você vocês
        """
    ),
}

# ISO 639-1 code to the algorithm's name at https://snowballstem.org/algorithms/
STEMMERS: Final = {
    "ar": "arabic",
    "ca": "catalan",
    "da": "danish",
    "de": "german",
    "en": "english",
    "es": "spanish",
    "fi": "finnish",
    "fr": "french",
    "hu": "hungarian",
    "id": "indonesian",
    "it": "italian",
    "nl": "dutch",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sv": "swedish",
    "tr": "turkish",
}

SMALL_TALK: Final = _words(
    """
    afternoon all ay aye back brb bye cheers cool congrats day everybody everyone evening folks gm
    goodbye good great guys ha haha hahaha hello hey heya hi hiya lol lunch morgen morning nice
    night nope np ok okay okey omg perfect sup super sure team thank thanks thankyou there thx tks
    ty welcome well wow yay yeah yep yes yo you yup abend danke dankeschön gut guten gute grüezi
    hallo ja jo leute mahlzeit moin nein servus tag tschüss zusammen à bien bonjour bonne bonsoir
    coucou d'accord journée merci oui salut tous tout adiós buenas buenos días gracias hola noches
    saludos tardes todos vale boa bom dia noite obrigada obrigado oi olá tarde tchau valeu 你好
    您好 早上好 早安 大家好 谢谢 謝謝 多谢 好的 再见 晚安 こんにちは こんばんは おはよう
    おはようございます ありがとう ありがとうございます 了解 了解です はい お疲れ様です 안녕
    안녕하세요 감사합니다 고마워요 네
    """
)

THANKS: Final = _words(
    """
    thank thanks thankyou thx tks ty cheers danke dankeschön merci gracias obrigado obrigada valeu
    kudos
    """
)

PLEASANTRIES: Final = _phrases(
    """
    how are you, how are you all, how are you doing, how is everyone, how's everyone,
    how's it going, hows it going, how is it going, what's up, whats up, wie geht's, wie gehts,
    wie geht es dir, wie geht es euch, ça va, comment ça va, comment vas-tu, qué tal, como estás,
    cómo estás, cómo estáis, tudo bem, como vai, 你好吗, お元気ですか, 잘 지내세요
    """
)

QUESTION_OPENERS: Final = _words(
    """
    anybody anyone are can could did do does has have how how's is may should was were what what's
    when where where's which who who's why why's will would darf gibt hat ist kann kannst können
    könnte könnten muss wann warum weiß welche welcher welches wer weshalb wie wieso wo woher wohin
    wozu combien comment où peut peux peut-on pouvez pourquoi pourriez puis-je quand quel quelle
    quelles quels que qu'est-ce qui quoi est-ce cómo como cuál cuáles cuándo cuánto dónde hay puedo
    puede pueden podría podrían qué quién tengo alguém onde posso pode podem poderia qual quais
    quando quanto quem tem
    """
)

STATEMENT_OPENERS: Final = _phrases(
    """
    what a, how nice, how cool, how lovely, how funny, was für ein, quel bonheur
    """
)

TROUBLE: Final = _words(
    """
    blank blocked broke broken bug can't cannot cant corrupt corrupted crash crashed crashes
    crashing dead deleted denied disabled disappeared disconnected disconnecting disconnects
    doesn't doesnt down dropping error errors expired fail failed failing fails failure forgot
    forgotten freezes freezing frozen full hacked hangs help invalid isn't isnt issue issues
    lagging locked lost missing noisy offline outage overheating phishing problem problems refused
    rejected slow spilled stolen stopped stuck suspicious timeout trouble unable unavailable
    unreachable unresponsive virus won't wont wrong abgelaufen abgestürzt ausgesperrt defekt fehler
    fehlermeldung funktioniert gelöscht geht gehen gesperrt gestohlen hilfe hängt kaputt keine
    keinen klappt langsam probleme startet störung verbindet vergessen verloren bloqué bloquée
    cassé cassée erreur lent lente marche marchent oublié panne perdu perdue problème volé ayuda
    averiado bloqueada bloqueado caído falla fallo funciona funcionan lenta lento olvidado olvidé
    perdí problema robado roto ajuda caiu erro esqueci falha perdi quebrada quebrado roubado
    travado travando
    """
)

TROUBLE_PHRASES: Final = _phrases(
    """
    need to, need a, need an, need help, not able, not connecting, not loading, not opening,
    not printing, not responding, not starting, not turning, not working, no internet, no sound,
    no signal, no network, no access, not sure how, keeps asking, no longer, i'd like,
    i would like, i want, we need, looking for, don't know, dont know, ich brauche, ich möchte,
    ich hätte gern, ich suche, kein ton, kein internet, kein netz, j'ai besoin, je voudrais,
    je cherche, ne peux pas, n'arrive pas, ne fonctionne, necesito, quisiera, no puedo, no conecta,
    no imprime, preciso, gostaria, não consigo, não liga, não imprime
    """
)

SETTLED_PHRASES: Final = _phrases(
    """
    works again, working again, works now, working now, is fixed, got fixed, fixed it, all fixed,
    is solved, is resolved, back up, no problem, no problems, no worries, never mind, nevermind,
    geht wieder, funktioniert wieder, läuft wieder, ist gelöst, kein problem, marche de nouveau,
    fonctionne à nouveau, pas de problème, ya funciona, sin problema, já funciona, sem problema
    """
)

ASIAN_CUES: Final = _phrases(
    """
    吗, 嗎, 呢, 怎么, 怎麼, 怎样, 如何, 什么, 什麼, 为什么, 為什麼, 哪里, 哪裡, 能否, 可否, 是否,
    无法, 無法, 不能, 不了, 打不开, 连不上, 連不上, 忘记, 忘記, 坏了, 壞了, 没有声音, 没有反应,
    丢了, 失败, 报错, 错误, 锁定, 很慢, 太慢, 死机, 请帮, 求助, ですか, ますか, ませんか,
    でしょうか, どう, なぜ, どこ, 教えて, できない, できません, 動かない, 動きません, つながらない,
    繋がらない, つながりません, 忘れ, 壊れ, エラー, 困って, 遅い, 어떻게, 왜, 어디, 안돼, 안 돼,
    안되, 안 되, 않아요, 않습니다, 나요, 까요, 오류, 에러, 고장, 잃어, 잊어, 느려, 도와
    """
)
