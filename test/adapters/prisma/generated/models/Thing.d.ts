import type * as runtime from "@prisma/client/runtime/client";
import type * as Prisma from "../internal/prismaNamespace.js";
/**
 * Model Thing
 * A column of each type.
 */
export type ThingModel = runtime.Types.Result.DefaultSelection<Prisma.$ThingPayload>;
export type AggregateThing = {
    _count: ThingCountAggregateOutputType | null;
    _avg: ThingAvgAggregateOutputType | null;
    _sum: ThingSumAggregateOutputType | null;
    _min: ThingMinAggregateOutputType | null;
    _max: ThingMaxAggregateOutputType | null;
};
export type ThingAvgAggregateOutputType = {
    id: number | null;
    big: number | null;
    ratio: number | null;
    price: runtime.Decimal | null;
};
export type ThingSumAggregateOutputType = {
    id: number | null;
    big: bigint | null;
    ratio: number | null;
    price: runtime.Decimal | null;
};
export type ThingMinAggregateOutputType = {
    id: number | null;
    big: bigint | null;
    ratio: number | null;
    price: runtime.Decimal | null;
    flag: boolean | null;
    at: Date | null;
    bytes: runtime.Bytes | null;
    text: string | null;
    updated: Date | null;
};
export type ThingMaxAggregateOutputType = {
    id: number | null;
    big: bigint | null;
    ratio: number | null;
    price: runtime.Decimal | null;
    flag: boolean | null;
    at: Date | null;
    bytes: runtime.Bytes | null;
    text: string | null;
    updated: Date | null;
};
export type ThingCountAggregateOutputType = {
    id: number;
    big: number;
    ratio: number;
    price: number;
    flag: number;
    at: number;
    data: number;
    bytes: number;
    text: number;
    updated: number;
    _all: number;
};
export type ThingAvgAggregateInputType = {
    id?: true;
    big?: true;
    ratio?: true;
    price?: true;
};
export type ThingSumAggregateInputType = {
    id?: true;
    big?: true;
    ratio?: true;
    price?: true;
};
export type ThingMinAggregateInputType = {
    id?: true;
    big?: true;
    ratio?: true;
    price?: true;
    flag?: true;
    at?: true;
    bytes?: true;
    text?: true;
    updated?: true;
};
export type ThingMaxAggregateInputType = {
    id?: true;
    big?: true;
    ratio?: true;
    price?: true;
    flag?: true;
    at?: true;
    bytes?: true;
    text?: true;
    updated?: true;
};
export type ThingCountAggregateInputType = {
    id?: true;
    big?: true;
    ratio?: true;
    price?: true;
    flag?: true;
    at?: true;
    data?: true;
    bytes?: true;
    text?: true;
    updated?: true;
    _all?: true;
};
export type ThingAggregateArgs<ExtArgs extends runtime.Types.Extensions.InternalArgs = runtime.Types.Extensions.DefaultArgs> = {
    /**
     * Filter which Thing to aggregate.
     */
    where?: Prisma.ThingWhereInput;
    /**
     * {@link https://www.prisma.io/docs/concepts/components/prisma-client/sorting Sorting Docs}
     *
     * Determine the order of Things to fetch.
     */
    orderBy?: Prisma.ThingOrderByWithRelationInput | Prisma.ThingOrderByWithRelationInput[];
    /**
     * {@link https://www.prisma.io/docs/concepts/components/prisma-client/pagination#cursor-based-pagination Cursor Docs}
     *
     * Sets the start position
     */
    cursor?: Prisma.ThingWhereUniqueInput;
    /**
     * {@link https://www.prisma.io/docs/concepts/components/prisma-client/pagination Pagination Docs}
     *
     * Take `±n` Things from the position of the cursor.
     */
    take?: number;
    /**
     * {@link https://www.prisma.io/docs/concepts/components/prisma-client/pagination Pagination Docs}
     *
     * Skip the first `n` Things.
     */
    skip?: number;
    /**
     * {@link https://www.prisma.io/docs/concepts/components/prisma-client/aggregations Aggregation Docs}
     *
     * Count returned Things
    **/
    _count?: true | ThingCountAggregateInputType;
    /**
     * {@link https://www.prisma.io/docs/concepts/components/prisma-client/aggregations Aggregation Docs}
     *
     * Select which fields to average
    **/
    _avg?: ThingAvgAggregateInputType;
    /**
     * {@link https://www.prisma.io/docs/concepts/components/prisma-client/aggregations Aggregation Docs}
     *
     * Select which fields to sum
    **/
    _sum?: ThingSumAggregateInputType;
    /**
     * {@link https://www.prisma.io/docs/concepts/components/prisma-client/aggregations Aggregation Docs}
     *
     * Select which fields to find the minimum value
    **/
    _min?: ThingMinAggregateInputType;
    /**
     * {@link https://www.prisma.io/docs/concepts/components/prisma-client/aggregations Aggregation Docs}
     *
     * Select which fields to find the maximum value
    **/
    _max?: ThingMaxAggregateInputType;
};
export type GetThingAggregateType<T extends ThingAggregateArgs> = {
    [P in keyof T & keyof AggregateThing]: P extends '_count' | 'count' ? T[P] extends true ? number : Prisma.GetScalarType<T[P], AggregateThing[P]> : Prisma.GetScalarType<T[P], AggregateThing[P]>;
};
export type ThingGroupByArgs<ExtArgs extends runtime.Types.Extensions.InternalArgs = runtime.Types.Extensions.DefaultArgs> = {
    where?: Prisma.ThingWhereInput;
    orderBy?: Prisma.ThingOrderByWithAggregationInput | Prisma.ThingOrderByWithAggregationInput[];
    by: Prisma.ThingScalarFieldEnum[] | Prisma.ThingScalarFieldEnum;
    having?: Prisma.ThingScalarWhereWithAggregatesInput;
    take?: number;
    skip?: number;
    _count?: ThingCountAggregateInputType | true;
    _avg?: ThingAvgAggregateInputType;
    _sum?: ThingSumAggregateInputType;
    _min?: ThingMinAggregateInputType;
    _max?: ThingMaxAggregateInputType;
};
export type ThingGroupByOutputType = {
    id: number;
    big: bigint | null;
    ratio: number | null;
    price: runtime.Decimal | null;
    flag: boolean | null;
    at: Date | null;
    data: runtime.JsonValue | null;
    bytes: runtime.Bytes | null;
    text: string | null;
    updated: Date;
    _count: ThingCountAggregateOutputType | null;
    _avg: ThingAvgAggregateOutputType | null;
    _sum: ThingSumAggregateOutputType | null;
    _min: ThingMinAggregateOutputType | null;
    _max: ThingMaxAggregateOutputType | null;
};
export type GetThingGroupByPayload<T extends ThingGroupByArgs> = Prisma.PrismaPromise<Array<Prisma.PickEnumerable<ThingGroupByOutputType, T['by']> & {
    [P in ((keyof T) & (keyof ThingGroupByOutputType))]: P extends '_count' ? T[P] extends boolean ? number : Prisma.GetScalarType<T[P], ThingGroupByOutputType[P]> : Prisma.GetScalarType<T[P], ThingGroupByOutputType[P]>;
}>>;
export type ThingWhereInput = {
    AND?: Prisma.ThingWhereInput | Prisma.ThingWhereInput[];
    OR?: Prisma.ThingWhereInput[];
    NOT?: Prisma.ThingWhereInput | Prisma.ThingWhereInput[];
    id?: Prisma.IntFilter<"Thing"> | number;
    big?: Prisma.BigIntNullableFilter<"Thing"> | bigint | number | null;
    ratio?: Prisma.FloatNullableFilter<"Thing"> | number | null;
    price?: Prisma.DecimalNullableFilter<"Thing"> | runtime.Decimal | runtime.DecimalJsLike | number | string | null;
    flag?: Prisma.BoolNullableFilter<"Thing"> | boolean | null;
    at?: Prisma.DateTimeNullableFilter<"Thing"> | Date | string | null;
    data?: Prisma.JsonNullableFilter<"Thing">;
    bytes?: Prisma.BytesNullableFilter<"Thing"> | runtime.Bytes | null;
    text?: Prisma.StringNullableFilter<"Thing"> | string | null;
    updated?: Prisma.DateTimeFilter<"Thing"> | Date | string;
};
export type ThingOrderByWithRelationInput = {
    id?: Prisma.SortOrder;
    big?: Prisma.SortOrderInput | Prisma.SortOrder;
    ratio?: Prisma.SortOrderInput | Prisma.SortOrder;
    price?: Prisma.SortOrderInput | Prisma.SortOrder;
    flag?: Prisma.SortOrderInput | Prisma.SortOrder;
    at?: Prisma.SortOrderInput | Prisma.SortOrder;
    data?: Prisma.SortOrderInput | Prisma.SortOrder;
    bytes?: Prisma.SortOrderInput | Prisma.SortOrder;
    text?: Prisma.SortOrderInput | Prisma.SortOrder;
    updated?: Prisma.SortOrder;
};
export type ThingWhereUniqueInput = Prisma.AtLeast<{
    id?: number;
    AND?: Prisma.ThingWhereInput | Prisma.ThingWhereInput[];
    OR?: Prisma.ThingWhereInput[];
    NOT?: Prisma.ThingWhereInput | Prisma.ThingWhereInput[];
    big?: Prisma.BigIntNullableFilter<"Thing"> | bigint | number | null;
    ratio?: Prisma.FloatNullableFilter<"Thing"> | number | null;
    price?: Prisma.DecimalNullableFilter<"Thing"> | runtime.Decimal | runtime.DecimalJsLike | number | string | null;
    flag?: Prisma.BoolNullableFilter<"Thing"> | boolean | null;
    at?: Prisma.DateTimeNullableFilter<"Thing"> | Date | string | null;
    data?: Prisma.JsonNullableFilter<"Thing">;
    bytes?: Prisma.BytesNullableFilter<"Thing"> | runtime.Bytes | null;
    text?: Prisma.StringNullableFilter<"Thing"> | string | null;
    updated?: Prisma.DateTimeFilter<"Thing"> | Date | string;
}, "id">;
export type ThingOrderByWithAggregationInput = {
    id?: Prisma.SortOrder;
    big?: Prisma.SortOrderInput | Prisma.SortOrder;
    ratio?: Prisma.SortOrderInput | Prisma.SortOrder;
    price?: Prisma.SortOrderInput | Prisma.SortOrder;
    flag?: Prisma.SortOrderInput | Prisma.SortOrder;
    at?: Prisma.SortOrderInput | Prisma.SortOrder;
    data?: Prisma.SortOrderInput | Prisma.SortOrder;
    bytes?: Prisma.SortOrderInput | Prisma.SortOrder;
    text?: Prisma.SortOrderInput | Prisma.SortOrder;
    updated?: Prisma.SortOrder;
    _count?: Prisma.ThingCountOrderByAggregateInput;
    _avg?: Prisma.ThingAvgOrderByAggregateInput;
    _max?: Prisma.ThingMaxOrderByAggregateInput;
    _min?: Prisma.ThingMinOrderByAggregateInput;
    _sum?: Prisma.ThingSumOrderByAggregateInput;
};
export type ThingScalarWhereWithAggregatesInput = {
    AND?: Prisma.ThingScalarWhereWithAggregatesInput | Prisma.ThingScalarWhereWithAggregatesInput[];
    OR?: Prisma.ThingScalarWhereWithAggregatesInput[];
    NOT?: Prisma.ThingScalarWhereWithAggregatesInput | Prisma.ThingScalarWhereWithAggregatesInput[];
    id?: Prisma.IntWithAggregatesFilter<"Thing"> | number;
    big?: Prisma.BigIntNullableWithAggregatesFilter<"Thing"> | bigint | number | null;
    ratio?: Prisma.FloatNullableWithAggregatesFilter<"Thing"> | number | null;
    price?: Prisma.DecimalNullableWithAggregatesFilter<"Thing"> | runtime.Decimal | runtime.DecimalJsLike | number | string | null;
    flag?: Prisma.BoolNullableWithAggregatesFilter<"Thing"> | boolean | null;
    at?: Prisma.DateTimeNullableWithAggregatesFilter<"Thing"> | Date | string | null;
    data?: Prisma.JsonNullableWithAggregatesFilter<"Thing">;
    bytes?: Prisma.BytesNullableWithAggregatesFilter<"Thing"> | runtime.Bytes | null;
    text?: Prisma.StringNullableWithAggregatesFilter<"Thing"> | string | null;
    updated?: Prisma.DateTimeWithAggregatesFilter<"Thing"> | Date | string;
};
export type ThingCreateInput = {
    big?: bigint | number | null;
    ratio?: number | null;
    price?: runtime.Decimal | runtime.DecimalJsLike | number | string | null;
    flag?: boolean | null;
    at?: Date | string | null;
    data?: Prisma.NullableJsonNullValueInput | runtime.InputJsonValue;
    bytes?: runtime.Bytes | null;
    text?: string | null;
    updated?: Date | string;
};
export type ThingUncheckedCreateInput = {
    id?: number;
    big?: bigint | number | null;
    ratio?: number | null;
    price?: runtime.Decimal | runtime.DecimalJsLike | number | string | null;
    flag?: boolean | null;
    at?: Date | string | null;
    data?: Prisma.NullableJsonNullValueInput | runtime.InputJsonValue;
    bytes?: runtime.Bytes | null;
    text?: string | null;
    updated?: Date | string;
};
export type ThingUpdateInput = {
    big?: Prisma.NullableBigIntFieldUpdateOperationsInput | bigint | number | null;
    ratio?: Prisma.NullableFloatFieldUpdateOperationsInput | number | null;
    price?: Prisma.NullableDecimalFieldUpdateOperationsInput | runtime.Decimal | runtime.DecimalJsLike | number | string | null;
    flag?: Prisma.NullableBoolFieldUpdateOperationsInput | boolean | null;
    at?: Prisma.NullableDateTimeFieldUpdateOperationsInput | Date | string | null;
    data?: Prisma.NullableJsonNullValueInput | runtime.InputJsonValue;
    bytes?: Prisma.NullableBytesFieldUpdateOperationsInput | runtime.Bytes | null;
    text?: Prisma.NullableStringFieldUpdateOperationsInput | string | null;
    updated?: Prisma.DateTimeFieldUpdateOperationsInput | Date | string;
};
export type ThingUncheckedUpdateInput = {
    id?: Prisma.IntFieldUpdateOperationsInput | number;
    big?: Prisma.NullableBigIntFieldUpdateOperationsInput | bigint | number | null;
    ratio?: Prisma.NullableFloatFieldUpdateOperationsInput | number | null;
    price?: Prisma.NullableDecimalFieldUpdateOperationsInput | runtime.Decimal | runtime.DecimalJsLike | number | string | null;
    flag?: Prisma.NullableBoolFieldUpdateOperationsInput | boolean | null;
    at?: Prisma.NullableDateTimeFieldUpdateOperationsInput | Date | string | null;
    data?: Prisma.NullableJsonNullValueInput | runtime.InputJsonValue;
    bytes?: Prisma.NullableBytesFieldUpdateOperationsInput | runtime.Bytes | null;
    text?: Prisma.NullableStringFieldUpdateOperationsInput | string | null;
    updated?: Prisma.DateTimeFieldUpdateOperationsInput | Date | string;
};
export type ThingCreateManyInput = {
    id?: number;
    big?: bigint | number | null;
    ratio?: number | null;
    price?: runtime.Decimal | runtime.DecimalJsLike | number | string | null;
    flag?: boolean | null;
    at?: Date | string | null;
    data?: Prisma.NullableJsonNullValueInput | runtime.InputJsonValue;
    bytes?: runtime.Bytes | null;
    text?: string | null;
    updated?: Date | string;
};
export type ThingUpdateManyMutationInput = {
    big?: Prisma.NullableBigIntFieldUpdateOperationsInput | bigint | number | null;
    ratio?: Prisma.NullableFloatFieldUpdateOperationsInput | number | null;
    price?: Prisma.NullableDecimalFieldUpdateOperationsInput | runtime.Decimal | runtime.DecimalJsLike | number | string | null;
    flag?: Prisma.NullableBoolFieldUpdateOperationsInput | boolean | null;
    at?: Prisma.NullableDateTimeFieldUpdateOperationsInput | Date | string | null;
    data?: Prisma.NullableJsonNullValueInput | runtime.InputJsonValue;
    bytes?: Prisma.NullableBytesFieldUpdateOperationsInput | runtime.Bytes | null;
    text?: Prisma.NullableStringFieldUpdateOperationsInput | string | null;
    updated?: Prisma.DateTimeFieldUpdateOperationsInput | Date | string;
};
export type ThingUncheckedUpdateManyInput = {
    id?: Prisma.IntFieldUpdateOperationsInput | number;
    big?: Prisma.NullableBigIntFieldUpdateOperationsInput | bigint | number | null;
    ratio?: Prisma.NullableFloatFieldUpdateOperationsInput | number | null;
    price?: Prisma.NullableDecimalFieldUpdateOperationsInput | runtime.Decimal | runtime.DecimalJsLike | number | string | null;
    flag?: Prisma.NullableBoolFieldUpdateOperationsInput | boolean | null;
    at?: Prisma.NullableDateTimeFieldUpdateOperationsInput | Date | string | null;
    data?: Prisma.NullableJsonNullValueInput | runtime.InputJsonValue;
    bytes?: Prisma.NullableBytesFieldUpdateOperationsInput | runtime.Bytes | null;
    text?: Prisma.NullableStringFieldUpdateOperationsInput | string | null;
    updated?: Prisma.DateTimeFieldUpdateOperationsInput | Date | string;
};
export type ThingCountOrderByAggregateInput = {
    id?: Prisma.SortOrder;
    big?: Prisma.SortOrder;
    ratio?: Prisma.SortOrder;
    price?: Prisma.SortOrder;
    flag?: Prisma.SortOrder;
    at?: Prisma.SortOrder;
    data?: Prisma.SortOrder;
    bytes?: Prisma.SortOrder;
    text?: Prisma.SortOrder;
    updated?: Prisma.SortOrder;
};
export type ThingAvgOrderByAggregateInput = {
    id?: Prisma.SortOrder;
    big?: Prisma.SortOrder;
    ratio?: Prisma.SortOrder;
    price?: Prisma.SortOrder;
};
export type ThingMaxOrderByAggregateInput = {
    id?: Prisma.SortOrder;
    big?: Prisma.SortOrder;
    ratio?: Prisma.SortOrder;
    price?: Prisma.SortOrder;
    flag?: Prisma.SortOrder;
    at?: Prisma.SortOrder;
    bytes?: Prisma.SortOrder;
    text?: Prisma.SortOrder;
    updated?: Prisma.SortOrder;
};
export type ThingMinOrderByAggregateInput = {
    id?: Prisma.SortOrder;
    big?: Prisma.SortOrder;
    ratio?: Prisma.SortOrder;
    price?: Prisma.SortOrder;
    flag?: Prisma.SortOrder;
    at?: Prisma.SortOrder;
    bytes?: Prisma.SortOrder;
    text?: Prisma.SortOrder;
    updated?: Prisma.SortOrder;
};
export type ThingSumOrderByAggregateInput = {
    id?: Prisma.SortOrder;
    big?: Prisma.SortOrder;
    ratio?: Prisma.SortOrder;
    price?: Prisma.SortOrder;
};
export type NullableBigIntFieldUpdateOperationsInput = {
    set?: bigint | number | null;
    increment?: bigint | number;
    decrement?: bigint | number;
    multiply?: bigint | number;
    divide?: bigint | number;
};
export type NullableDecimalFieldUpdateOperationsInput = {
    set?: runtime.Decimal | runtime.DecimalJsLike | number | string | null;
    increment?: runtime.Decimal | runtime.DecimalJsLike | number | string;
    decrement?: runtime.Decimal | runtime.DecimalJsLike | number | string;
    multiply?: runtime.Decimal | runtime.DecimalJsLike | number | string;
    divide?: runtime.Decimal | runtime.DecimalJsLike | number | string;
};
export type NullableBoolFieldUpdateOperationsInput = {
    set?: boolean | null;
};
export type NullableDateTimeFieldUpdateOperationsInput = {
    set?: Date | string | null;
};
export type DateTimeFieldUpdateOperationsInput = {
    set?: Date | string;
};
export type ThingSelect<ExtArgs extends runtime.Types.Extensions.InternalArgs = runtime.Types.Extensions.DefaultArgs> = runtime.Types.Extensions.GetSelect<{
    id?: boolean;
    big?: boolean;
    ratio?: boolean;
    price?: boolean;
    flag?: boolean;
    at?: boolean;
    data?: boolean;
    bytes?: boolean;
    text?: boolean;
    updated?: boolean;
}, ExtArgs["result"]["thing"]>;
export type ThingSelectCreateManyAndReturn<ExtArgs extends runtime.Types.Extensions.InternalArgs = runtime.Types.Extensions.DefaultArgs> = runtime.Types.Extensions.GetSelect<{
    id?: boolean;
    big?: boolean;
    ratio?: boolean;
    price?: boolean;
    flag?: boolean;
    at?: boolean;
    data?: boolean;
    bytes?: boolean;
    text?: boolean;
    updated?: boolean;
}, ExtArgs["result"]["thing"]>;
export type ThingSelectUpdateManyAndReturn<ExtArgs extends runtime.Types.Extensions.InternalArgs = runtime.Types.Extensions.DefaultArgs> = runtime.Types.Extensions.GetSelect<{
    id?: boolean;
    big?: boolean;
    ratio?: boolean;
    price?: boolean;
    flag?: boolean;
    at?: boolean;
    data?: boolean;
    bytes?: boolean;
    text?: boolean;
    updated?: boolean;
}, ExtArgs["result"]["thing"]>;
export type ThingSelectScalar = {
    id?: boolean;
    big?: boolean;
    ratio?: boolean;
    price?: boolean;
    flag?: boolean;
    at?: boolean;
    data?: boolean;
    bytes?: boolean;
    text?: boolean;
    updated?: boolean;
};
export type ThingOmit<ExtArgs extends runtime.Types.Extensions.InternalArgs = runtime.Types.Extensions.DefaultArgs> = runtime.Types.Extensions.GetOmit<"id" | "big" | "ratio" | "price" | "flag" | "at" | "data" | "bytes" | "text" | "updated", ExtArgs["result"]["thing"]>;
export type $ThingPayload<ExtArgs extends runtime.Types.Extensions.InternalArgs = runtime.Types.Extensions.DefaultArgs> = {
    name: "Thing";
    objects: {};
    scalars: runtime.Types.Extensions.GetPayloadResult<{
        id: number;
        big: bigint | null;
        ratio: number | null;
        price: runtime.Decimal | null;
        flag: boolean | null;
        at: Date | null;
        data: runtime.JsonValue | null;
        bytes: runtime.Bytes | null;
        text: string | null;
        updated: Date;
    }, ExtArgs["result"]["thing"]>;
    composites: {};
};
export type ThingGetPayload<S extends boolean | null | undefined | ThingDefaultArgs> = runtime.Types.Result.GetResult<Prisma.$ThingPayload, S>;
export type ThingCountArgs<ExtArgs extends runtime.Types.Extensions.InternalArgs = runtime.Types.Extensions.DefaultArgs> = Omit<ThingFindManyArgs, 'select' | 'include' | 'distinct' | 'omit'> & {
    select?: ThingCountAggregateInputType | true;
};
export interface ThingDelegate<ExtArgs extends runtime.Types.Extensions.InternalArgs = runtime.Types.Extensions.DefaultArgs, GlobalOmitOptions = {}> {
    [K: symbol]: {
        types: Prisma.TypeMap<ExtArgs>['model']['Thing'];
        meta: {
            name: 'Thing';
        };
    };
    /**
     * Find zero or one Thing that matches the filter.
     * @param {ThingFindUniqueArgs} args - Arguments to find a Thing
     * @example
     * // Get one Thing
     * const thing = await prisma.thing.findUnique({
     *   where: {
     *     // ... provide filter here
     *   }
     * })
     */
    findUnique<T extends ThingFindUniqueArgs>(args: Prisma.SelectSubset<T, ThingFindUniqueArgs<ExtArgs>>): Prisma.Prisma__ThingClient<runtime.Types.Result.GetResult<Prisma.$ThingPayload<ExtArgs>, T, "findUnique", GlobalOmitOptions> | null, null, ExtArgs, GlobalOmitOptions>;
    /**
     * Find one Thing that matches the filter or throw an error with `error.code='P2025'`
     * if no matches were found.
     * @param {ThingFindUniqueOrThrowArgs} args - Arguments to find a Thing
     * @example
     * // Get one Thing
     * const thing = await prisma.thing.findUniqueOrThrow({
     *   where: {
     *     // ... provide filter here
     *   }
     * })
     */
    findUniqueOrThrow<T extends ThingFindUniqueOrThrowArgs>(args: Prisma.SelectSubset<T, ThingFindUniqueOrThrowArgs<ExtArgs>>): Prisma.Prisma__ThingClient<runtime.Types.Result.GetResult<Prisma.$ThingPayload<ExtArgs>, T, "findUniqueOrThrow", GlobalOmitOptions>, never, ExtArgs, GlobalOmitOptions>;
    /**
     * Find the first Thing that matches the filter.
     * Note, that providing `undefined` is treated as the value not being there.
     * Read more here: https://pris.ly/d/null-undefined
     * @param {ThingFindFirstArgs} args - Arguments to find a Thing
     * @example
     * // Get one Thing
     * const thing = await prisma.thing.findFirst({
     *   where: {
     *     // ... provide filter here
     *   }
     * })
     */
    findFirst<T extends ThingFindFirstArgs>(args?: Prisma.SelectSubset<T, ThingFindFirstArgs<ExtArgs>>): Prisma.Prisma__ThingClient<runtime.Types.Result.GetResult<Prisma.$ThingPayload<ExtArgs>, T, "findFirst", GlobalOmitOptions> | null, null, ExtArgs, GlobalOmitOptions>;
    /**
     * Find the first Thing that matches the filter or
     * throw `PrismaKnownClientError` with `P2025` code if no matches were found.
     * Note, that providing `undefined` is treated as the value not being there.
     * Read more here: https://pris.ly/d/null-undefined
     * @param {ThingFindFirstOrThrowArgs} args - Arguments to find a Thing
     * @example
     * // Get one Thing
     * const thing = await prisma.thing.findFirstOrThrow({
     *   where: {
     *     // ... provide filter here
     *   }
     * })
     */
    findFirstOrThrow<T extends ThingFindFirstOrThrowArgs>(args?: Prisma.SelectSubset<T, ThingFindFirstOrThrowArgs<ExtArgs>>): Prisma.Prisma__ThingClient<runtime.Types.Result.GetResult<Prisma.$ThingPayload<ExtArgs>, T, "findFirstOrThrow", GlobalOmitOptions>, never, ExtArgs, GlobalOmitOptions>;
    /**
     * Find zero or more Things that matches the filter.
     * Note, that providing `undefined` is treated as the value not being there.
     * Read more here: https://pris.ly/d/null-undefined
     * @param {ThingFindManyArgs} args - Arguments to filter and select certain fields only.
     * @example
     * // Get all Things
     * const things = await prisma.thing.findMany()
     *
     * // Get first 10 Things
     * const things = await prisma.thing.findMany({ take: 10 })
     *
     * // Only select the `id`
     * const thingWithIdOnly = await prisma.thing.findMany({ select: { id: true } })
     *
     */
    findMany<T extends ThingFindManyArgs>(args?: Prisma.SelectSubset<T, ThingFindManyArgs<ExtArgs>>): Prisma.PrismaPromise<runtime.Types.Result.GetResult<Prisma.$ThingPayload<ExtArgs>, T, "findMany", GlobalOmitOptions>>;
    /**
     * Create a Thing.
     * @param {ThingCreateArgs} args - Arguments to create a Thing.
     * @example
     * // Create one Thing
     * const Thing = await prisma.thing.create({
     *   data: {
     *     // ... data to create a Thing
     *   }
     * })
     *
     */
    create<T extends ThingCreateArgs>(args: Prisma.SelectSubset<T, ThingCreateArgs<ExtArgs>>): Prisma.Prisma__ThingClient<runtime.Types.Result.GetResult<Prisma.$ThingPayload<ExtArgs>, T, "create", GlobalOmitOptions>, never, ExtArgs, GlobalOmitOptions>;
    /**
     * Create many Things.
     * @param {ThingCreateManyArgs} args - Arguments to create many Things.
     * @example
     * // Create many Things
     * const thing = await prisma.thing.createMany({
     *   data: [
     *     // ... provide data here
     *   ]
     * })
     *
     */
    createMany<T extends ThingCreateManyArgs>(args?: Prisma.SelectSubset<T, ThingCreateManyArgs<ExtArgs>>): Prisma.PrismaPromise<Prisma.BatchPayload>;
    /**
     * Create many Things and returns the data saved in the database.
     * @param {ThingCreateManyAndReturnArgs} args - Arguments to create many Things.
     * @example
     * // Create many Things
     * const thing = await prisma.thing.createManyAndReturn({
     *   data: [
     *     // ... provide data here
     *   ]
     * })
     *
     * // Create many Things and only return the `id`
     * const thingWithIdOnly = await prisma.thing.createManyAndReturn({
     *   select: { id: true },
     *   data: [
     *     // ... provide data here
     *   ]
     * })
     * Note, that providing `undefined` is treated as the value not being there.
     * Read more here: https://pris.ly/d/null-undefined
     *
     */
    createManyAndReturn<T extends ThingCreateManyAndReturnArgs>(args?: Prisma.SelectSubset<T, ThingCreateManyAndReturnArgs<ExtArgs>>): Prisma.PrismaPromise<runtime.Types.Result.GetResult<Prisma.$ThingPayload<ExtArgs>, T, "createManyAndReturn", GlobalOmitOptions>>;
    /**
     * Delete a Thing.
     * @param {ThingDeleteArgs} args - Arguments to delete one Thing.
     * @example
     * // Delete one Thing
     * const Thing = await prisma.thing.delete({
     *   where: {
     *     // ... filter to delete one Thing
     *   }
     * })
     *
     */
    delete<T extends ThingDeleteArgs>(args: Prisma.SelectSubset<T, ThingDeleteArgs<ExtArgs>>): Prisma.Prisma__ThingClient<runtime.Types.Result.GetResult<Prisma.$ThingPayload<ExtArgs>, T, "delete", GlobalOmitOptions>, never, ExtArgs, GlobalOmitOptions>;
    /**
     * Update one Thing.
     * @param {ThingUpdateArgs} args - Arguments to update one Thing.
     * @example
     * // Update one Thing
     * const thing = await prisma.thing.update({
     *   where: {
     *     // ... provide filter here
     *   },
     *   data: {
     *     // ... provide data here
     *   }
     * })
     *
     */
    update<T extends ThingUpdateArgs>(args: Prisma.SelectSubset<T, ThingUpdateArgs<ExtArgs>>): Prisma.Prisma__ThingClient<runtime.Types.Result.GetResult<Prisma.$ThingPayload<ExtArgs>, T, "update", GlobalOmitOptions>, never, ExtArgs, GlobalOmitOptions>;
    /**
     * Delete zero or more Things.
     * @param {ThingDeleteManyArgs} args - Arguments to filter Things to delete.
     * @example
     * // Delete a few Things
     * const { count } = await prisma.thing.deleteMany({
     *   where: {
     *     // ... provide filter here
     *   }
     * })
     *
     */
    deleteMany<T extends ThingDeleteManyArgs>(args?: Prisma.SelectSubset<T, ThingDeleteManyArgs<ExtArgs>>): Prisma.PrismaPromise<Prisma.BatchPayload>;
    /**
     * Update zero or more Things.
     * Note, that providing `undefined` is treated as the value not being there.
     * Read more here: https://pris.ly/d/null-undefined
     * @param {ThingUpdateManyArgs} args - Arguments to update one or more rows.
     * @example
     * // Update many Things
     * const thing = await prisma.thing.updateMany({
     *   where: {
     *     // ... provide filter here
     *   },
     *   data: {
     *     // ... provide data here
     *   }
     * })
     *
     */
    updateMany<T extends ThingUpdateManyArgs>(args: Prisma.SelectSubset<T, ThingUpdateManyArgs<ExtArgs>>): Prisma.PrismaPromise<Prisma.BatchPayload>;
    /**
     * Update zero or more Things and returns the data updated in the database.
     * @param {ThingUpdateManyAndReturnArgs} args - Arguments to update many Things.
     * @example
     * // Update many Things
     * const thing = await prisma.thing.updateManyAndReturn({
     *   where: {
     *     // ... provide filter here
     *   },
     *   data: [
     *     // ... provide data here
     *   ]
     * })
     *
     * // Update zero or more Things and only return the `id`
     * const thingWithIdOnly = await prisma.thing.updateManyAndReturn({
     *   select: { id: true },
     *   where: {
     *     // ... provide filter here
     *   },
     *   data: [
     *     // ... provide data here
     *   ]
     * })
     * Note, that providing `undefined` is treated as the value not being there.
     * Read more here: https://pris.ly/d/null-undefined
     *
     */
    updateManyAndReturn<T extends ThingUpdateManyAndReturnArgs>(args: Prisma.SelectSubset<T, ThingUpdateManyAndReturnArgs<ExtArgs>>): Prisma.PrismaPromise<runtime.Types.Result.GetResult<Prisma.$ThingPayload<ExtArgs>, T, "updateManyAndReturn", GlobalOmitOptions>>;
    /**
     * Create or update one Thing.
     * @param {ThingUpsertArgs} args - Arguments to update or create a Thing.
     * @example
     * // Update or create a Thing
     * const thing = await prisma.thing.upsert({
     *   create: {
     *     // ... data to create a Thing
     *   },
     *   update: {
     *     // ... in case it already exists, update
     *   },
     *   where: {
     *     // ... the filter for the Thing we want to update
     *   }
     * })
     */
    upsert<T extends ThingUpsertArgs>(args: Prisma.SelectSubset<T, ThingUpsertArgs<ExtArgs>>): Prisma.Prisma__ThingClient<runtime.Types.Result.GetResult<Prisma.$ThingPayload<ExtArgs>, T, "upsert", GlobalOmitOptions>, never, ExtArgs, GlobalOmitOptions>;
    /**
     * Count the number of Things.
     * Note, that providing `undefined` is treated as the value not being there.
     * Read more here: https://pris.ly/d/null-undefined
     * @param {ThingCountArgs} args - Arguments to filter Things to count.
     * @example
     * // Count the number of Things
     * const count = await prisma.thing.count({
     *   where: {
     *     // ... the filter for the Things we want to count
     *   }
     * })
    **/
    count<T extends ThingCountArgs>(args?: Prisma.Subset<T, ThingCountArgs>): Prisma.PrismaPromise<T extends runtime.Types.Utils.Record<'select', any> ? T['select'] extends true ? number : Prisma.GetScalarType<T['select'], ThingCountAggregateOutputType> : number>;
    /**
     * Allows you to perform aggregations operations on a Thing.
     * Note, that providing `undefined` is treated as the value not being there.
     * Read more here: https://pris.ly/d/null-undefined
     * @param {ThingAggregateArgs} args - Select which aggregations you would like to apply and on what fields.
     * @example
     * // Ordered by age ascending
     * // Where email contains prisma.io
     * // Limited to the 10 users
     * const aggregations = await prisma.user.aggregate({
     *   _avg: {
     *     age: true,
     *   },
     *   where: {
     *     email: {
     *       contains: "prisma.io",
     *     },
     *   },
     *   orderBy: {
     *     age: "asc",
     *   },
     *   take: 10,
     * })
    **/
    aggregate<T extends ThingAggregateArgs>(args: Prisma.Subset<T, ThingAggregateArgs>): Prisma.PrismaPromise<GetThingAggregateType<T>>;
    /**
     * Group by Thing.
     * Note, that providing `undefined` is treated as the value not being there.
     * Read more here: https://pris.ly/d/null-undefined
     * @param {ThingGroupByArgs} args - Group by arguments.
     * @example
     * // Group by city, order by createdAt, get count
     * const result = await prisma.user.groupBy({
     *   by: ['city', 'createdAt'],
     *   orderBy: {
     *     createdAt: true
     *   },
     *   _count: {
     *     _all: true
     *   },
     * })
     *
    **/
    groupBy<T extends ThingGroupByArgs, HasSelectOrTake extends Prisma.Or<Prisma.Extends<'skip', Prisma.Keys<T>>, Prisma.Extends<'take', Prisma.Keys<T>>>, OrderByArg extends Prisma.True extends HasSelectOrTake ? {
        orderBy: ThingGroupByArgs['orderBy'];
    } : {
        orderBy?: ThingGroupByArgs['orderBy'];
    }, OrderFields extends Prisma.ExcludeUnderscoreKeys<Prisma.Keys<Prisma.MaybeTupleToUnion<T['orderBy']>>>, ByFields extends Prisma.MaybeTupleToUnion<T['by']>, ByValid extends Prisma.Has<ByFields, OrderFields>, HavingFields extends Prisma.GetHavingFields<T['having']>, HavingValid extends Prisma.Has<ByFields, HavingFields>, ByEmpty extends T['by'] extends never[] ? Prisma.True : Prisma.False, InputErrors extends ByEmpty extends Prisma.True ? `Error: "by" must not be empty.` : HavingValid extends Prisma.False ? {
        [P in HavingFields]: P extends ByFields ? never : P extends string ? `Error: Field "${P}" used in "having" needs to be provided in "by".` : [
            Error,
            'Field ',
            P,
            ` in "having" needs to be provided in "by"`
        ];
    }[HavingFields] : 'take' extends Prisma.Keys<T> ? 'orderBy' extends Prisma.Keys<T> ? ByValid extends Prisma.True ? {} : {
        [P in OrderFields]: P extends ByFields ? never : `Error: Field "${P}" in "orderBy" needs to be provided in "by"`;
    }[OrderFields] : 'Error: If you provide "take", you also need to provide "orderBy"' : 'skip' extends Prisma.Keys<T> ? 'orderBy' extends Prisma.Keys<T> ? ByValid extends Prisma.True ? {} : {
        [P in OrderFields]: P extends ByFields ? never : `Error: Field "${P}" in "orderBy" needs to be provided in "by"`;
    }[OrderFields] : 'Error: If you provide "skip", you also need to provide "orderBy"' : ByValid extends Prisma.True ? {} : {
        [P in OrderFields]: P extends ByFields ? never : `Error: Field "${P}" in "orderBy" needs to be provided in "by"`;
    }[OrderFields]>(args: Prisma.SubsetIntersection<T, ThingGroupByArgs, OrderByArg> & InputErrors): {} extends InputErrors ? GetThingGroupByPayload<T> : Prisma.PrismaPromise<InputErrors>;
    /**
     * Fields of the Thing model
     */
    readonly fields: ThingFieldRefs;
}
/**
 * The delegate class that acts as a "Promise-like" for Thing.
 * Why is this prefixed with `Prisma__`?
 * Because we want to prevent naming conflicts as mentioned in
 * https://github.com/prisma/prisma-client-js/issues/707
 */
export interface Prisma__ThingClient<T, Null = never, ExtArgs extends runtime.Types.Extensions.InternalArgs = runtime.Types.Extensions.DefaultArgs, GlobalOmitOptions = {}> extends Prisma.PrismaPromise<T> {
    readonly [Symbol.toStringTag]: "PrismaPromise";
    /**
     * Attaches callbacks for the resolution and/or rejection of the Promise.
     * @param onfulfilled The callback to execute when the Promise is resolved.
     * @param onrejected The callback to execute when the Promise is rejected.
     * @returns A Promise for the completion of which ever callback is executed.
     */
    then<TResult1 = T, TResult2 = never>(onfulfilled?: ((value: T) => TResult1 | PromiseLike<TResult1>) | undefined | null, onrejected?: ((reason: any) => TResult2 | PromiseLike<TResult2>) | undefined | null): runtime.Types.Utils.JsPromise<TResult1 | TResult2>;
    /**
     * Attaches a callback for only the rejection of the Promise.
     * @param onrejected The callback to execute when the Promise is rejected.
     * @returns A Promise for the completion of the callback.
     */
    catch<TResult = never>(onrejected?: ((reason: any) => TResult | PromiseLike<TResult>) | undefined | null): runtime.Types.Utils.JsPromise<T | TResult>;
    /**
     * Attaches a callback that is invoked when the Promise is settled (fulfilled or rejected). The
     * resolved value cannot be modified from the callback.
     * @param onfinally The callback to execute when the Promise is settled (fulfilled or rejected).
     * @returns A Promise for the completion of the callback.
     */
    finally(onfinally?: (() => void) | undefined | null): runtime.Types.Utils.JsPromise<T>;
}
/**
 * Fields of the Thing model
 */
export interface ThingFieldRefs {
    readonly id: Prisma.FieldRef<"Thing", 'Int'>;
    readonly big: Prisma.FieldRef<"Thing", 'BigInt'>;
    readonly ratio: Prisma.FieldRef<"Thing", 'Float'>;
    readonly price: Prisma.FieldRef<"Thing", 'Decimal'>;
    readonly flag: Prisma.FieldRef<"Thing", 'Boolean'>;
    readonly at: Prisma.FieldRef<"Thing", 'DateTime'>;
    readonly data: Prisma.FieldRef<"Thing", 'Json'>;
    readonly bytes: Prisma.FieldRef<"Thing", 'Bytes'>;
    readonly text: Prisma.FieldRef<"Thing", 'String'>;
    readonly updated: Prisma.FieldRef<"Thing", 'DateTime'>;
}
/**
 * Thing findUnique
 */
export type ThingFindUniqueArgs<ExtArgs extends runtime.Types.Extensions.InternalArgs = runtime.Types.Extensions.DefaultArgs> = {
    /**
     * Select specific fields to fetch from the Thing
     */
    select?: Prisma.ThingSelect<ExtArgs> | null;
    /**
     * Omit specific fields from the Thing
     */
    omit?: Prisma.ThingOmit<ExtArgs> | null;
    /**
     * Filter, which Thing to fetch.
     */
    where: Prisma.ThingWhereUniqueInput;
};
/**
 * Thing findUniqueOrThrow
 */
export type ThingFindUniqueOrThrowArgs<ExtArgs extends runtime.Types.Extensions.InternalArgs = runtime.Types.Extensions.DefaultArgs> = {
    /**
     * Select specific fields to fetch from the Thing
     */
    select?: Prisma.ThingSelect<ExtArgs> | null;
    /**
     * Omit specific fields from the Thing
     */
    omit?: Prisma.ThingOmit<ExtArgs> | null;
    /**
     * Filter, which Thing to fetch.
     */
    where: Prisma.ThingWhereUniqueInput;
};
/**
 * Thing findFirst
 */
export type ThingFindFirstArgs<ExtArgs extends runtime.Types.Extensions.InternalArgs = runtime.Types.Extensions.DefaultArgs> = {
    /**
     * Select specific fields to fetch from the Thing
     */
    select?: Prisma.ThingSelect<ExtArgs> | null;
    /**
     * Omit specific fields from the Thing
     */
    omit?: Prisma.ThingOmit<ExtArgs> | null;
    /**
     * Filter, which Thing to fetch.
     */
    where?: Prisma.ThingWhereInput;
    /**
     * {@link https://www.prisma.io/docs/concepts/components/prisma-client/sorting Sorting Docs}
     *
     * Determine the order of Things to fetch.
     */
    orderBy?: Prisma.ThingOrderByWithRelationInput | Prisma.ThingOrderByWithRelationInput[];
    /**
     * {@link https://www.prisma.io/docs/concepts/components/prisma-client/pagination#cursor-based-pagination Cursor Docs}
     *
     * Sets the position for searching for Things.
     */
    cursor?: Prisma.ThingWhereUniqueInput;
    /**
     * {@link https://www.prisma.io/docs/concepts/components/prisma-client/pagination Pagination Docs}
     *
     * Take `±n` Things from the position of the cursor.
     */
    take?: number;
    /**
     * {@link https://www.prisma.io/docs/concepts/components/prisma-client/pagination Pagination Docs}
     *
     * Skip the first `n` Things.
     */
    skip?: number;
    /**
     * {@link https://www.prisma.io/docs/concepts/components/prisma-client/distinct Distinct Docs}
     *
     * Filter by unique combinations of Things.
     */
    distinct?: Prisma.ThingScalarFieldEnum | Prisma.ThingScalarFieldEnum[];
};
/**
 * Thing findFirstOrThrow
 */
export type ThingFindFirstOrThrowArgs<ExtArgs extends runtime.Types.Extensions.InternalArgs = runtime.Types.Extensions.DefaultArgs> = {
    /**
     * Select specific fields to fetch from the Thing
     */
    select?: Prisma.ThingSelect<ExtArgs> | null;
    /**
     * Omit specific fields from the Thing
     */
    omit?: Prisma.ThingOmit<ExtArgs> | null;
    /**
     * Filter, which Thing to fetch.
     */
    where?: Prisma.ThingWhereInput;
    /**
     * {@link https://www.prisma.io/docs/concepts/components/prisma-client/sorting Sorting Docs}
     *
     * Determine the order of Things to fetch.
     */
    orderBy?: Prisma.ThingOrderByWithRelationInput | Prisma.ThingOrderByWithRelationInput[];
    /**
     * {@link https://www.prisma.io/docs/concepts/components/prisma-client/pagination#cursor-based-pagination Cursor Docs}
     *
     * Sets the position for searching for Things.
     */
    cursor?: Prisma.ThingWhereUniqueInput;
    /**
     * {@link https://www.prisma.io/docs/concepts/components/prisma-client/pagination Pagination Docs}
     *
     * Take `±n` Things from the position of the cursor.
     */
    take?: number;
    /**
     * {@link https://www.prisma.io/docs/concepts/components/prisma-client/pagination Pagination Docs}
     *
     * Skip the first `n` Things.
     */
    skip?: number;
    /**
     * {@link https://www.prisma.io/docs/concepts/components/prisma-client/distinct Distinct Docs}
     *
     * Filter by unique combinations of Things.
     */
    distinct?: Prisma.ThingScalarFieldEnum | Prisma.ThingScalarFieldEnum[];
};
/**
 * Thing findMany
 */
export type ThingFindManyArgs<ExtArgs extends runtime.Types.Extensions.InternalArgs = runtime.Types.Extensions.DefaultArgs> = {
    /**
     * Select specific fields to fetch from the Thing
     */
    select?: Prisma.ThingSelect<ExtArgs> | null;
    /**
     * Omit specific fields from the Thing
     */
    omit?: Prisma.ThingOmit<ExtArgs> | null;
    /**
     * Filter, which Things to fetch.
     */
    where?: Prisma.ThingWhereInput;
    /**
     * {@link https://www.prisma.io/docs/concepts/components/prisma-client/sorting Sorting Docs}
     *
     * Determine the order of Things to fetch.
     */
    orderBy?: Prisma.ThingOrderByWithRelationInput | Prisma.ThingOrderByWithRelationInput[];
    /**
     * {@link https://www.prisma.io/docs/concepts/components/prisma-client/pagination#cursor-based-pagination Cursor Docs}
     *
     * Sets the position for listing Things.
     */
    cursor?: Prisma.ThingWhereUniqueInput;
    /**
     * {@link https://www.prisma.io/docs/concepts/components/prisma-client/pagination Pagination Docs}
     *
     * Take `±n` Things from the position of the cursor.
     */
    take?: number;
    /**
     * {@link https://www.prisma.io/docs/concepts/components/prisma-client/pagination Pagination Docs}
     *
     * Skip the first `n` Things.
     */
    skip?: number;
    /**
     * {@link https://www.prisma.io/docs/concepts/components/prisma-client/distinct Distinct Docs}
     *
     * Filter by unique combinations of Things.
     */
    distinct?: Prisma.ThingScalarFieldEnum | Prisma.ThingScalarFieldEnum[];
};
/**
 * Thing create
 */
export type ThingCreateArgs<ExtArgs extends runtime.Types.Extensions.InternalArgs = runtime.Types.Extensions.DefaultArgs> = {
    /**
     * Select specific fields to fetch from the Thing
     */
    select?: Prisma.ThingSelect<ExtArgs> | null;
    /**
     * Omit specific fields from the Thing
     */
    omit?: Prisma.ThingOmit<ExtArgs> | null;
    /**
     * The data needed to create a Thing.
     */
    data: Prisma.XOR<Prisma.ThingCreateInput, Prisma.ThingUncheckedCreateInput>;
};
/**
 * Thing createMany
 */
export type ThingCreateManyArgs<ExtArgs extends runtime.Types.Extensions.InternalArgs = runtime.Types.Extensions.DefaultArgs> = {
    /**
     * The data used to create many Things.
     */
    data: Prisma.ThingCreateManyInput | Prisma.ThingCreateManyInput[];
};
/**
 * Thing createManyAndReturn
 */
export type ThingCreateManyAndReturnArgs<ExtArgs extends runtime.Types.Extensions.InternalArgs = runtime.Types.Extensions.DefaultArgs> = {
    /**
     * Select specific fields to fetch from the Thing
     */
    select?: Prisma.ThingSelectCreateManyAndReturn<ExtArgs> | null;
    /**
     * Omit specific fields from the Thing
     */
    omit?: Prisma.ThingOmit<ExtArgs> | null;
    /**
     * The data used to create many Things.
     */
    data: Prisma.ThingCreateManyInput | Prisma.ThingCreateManyInput[];
};
/**
 * Thing update
 */
export type ThingUpdateArgs<ExtArgs extends runtime.Types.Extensions.InternalArgs = runtime.Types.Extensions.DefaultArgs> = {
    /**
     * Select specific fields to fetch from the Thing
     */
    select?: Prisma.ThingSelect<ExtArgs> | null;
    /**
     * Omit specific fields from the Thing
     */
    omit?: Prisma.ThingOmit<ExtArgs> | null;
    /**
     * The data needed to update a Thing.
     */
    data: Prisma.XOR<Prisma.ThingUpdateInput, Prisma.ThingUncheckedUpdateInput>;
    /**
     * Choose, which Thing to update.
     */
    where: Prisma.ThingWhereUniqueInput;
};
/**
 * Thing updateMany
 */
export type ThingUpdateManyArgs<ExtArgs extends runtime.Types.Extensions.InternalArgs = runtime.Types.Extensions.DefaultArgs> = {
    /**
     * The data used to update Things.
     */
    data: Prisma.XOR<Prisma.ThingUpdateManyMutationInput, Prisma.ThingUncheckedUpdateManyInput>;
    /**
     * Filter which Things to update
     */
    where?: Prisma.ThingWhereInput;
    /**
     * Limit how many Things to update.
     */
    limit?: number;
};
/**
 * Thing updateManyAndReturn
 */
export type ThingUpdateManyAndReturnArgs<ExtArgs extends runtime.Types.Extensions.InternalArgs = runtime.Types.Extensions.DefaultArgs> = {
    /**
     * Select specific fields to fetch from the Thing
     */
    select?: Prisma.ThingSelectUpdateManyAndReturn<ExtArgs> | null;
    /**
     * Omit specific fields from the Thing
     */
    omit?: Prisma.ThingOmit<ExtArgs> | null;
    /**
     * The data used to update Things.
     */
    data: Prisma.XOR<Prisma.ThingUpdateManyMutationInput, Prisma.ThingUncheckedUpdateManyInput>;
    /**
     * Filter which Things to update
     */
    where?: Prisma.ThingWhereInput;
    /**
     * Limit how many Things to update.
     */
    limit?: number;
};
/**
 * Thing upsert
 */
export type ThingUpsertArgs<ExtArgs extends runtime.Types.Extensions.InternalArgs = runtime.Types.Extensions.DefaultArgs> = {
    /**
     * Select specific fields to fetch from the Thing
     */
    select?: Prisma.ThingSelect<ExtArgs> | null;
    /**
     * Omit specific fields from the Thing
     */
    omit?: Prisma.ThingOmit<ExtArgs> | null;
    /**
     * The filter to search for the Thing to update in case it exists.
     */
    where: Prisma.ThingWhereUniqueInput;
    /**
     * In case the Thing found by the `where` argument doesn't exist, create a new Thing with this data.
     */
    create: Prisma.XOR<Prisma.ThingCreateInput, Prisma.ThingUncheckedCreateInput>;
    /**
     * In case the Thing was found with the provided `where` argument, update it with this data.
     */
    update: Prisma.XOR<Prisma.ThingUpdateInput, Prisma.ThingUncheckedUpdateInput>;
};
/**
 * Thing delete
 */
export type ThingDeleteArgs<ExtArgs extends runtime.Types.Extensions.InternalArgs = runtime.Types.Extensions.DefaultArgs> = {
    /**
     * Select specific fields to fetch from the Thing
     */
    select?: Prisma.ThingSelect<ExtArgs> | null;
    /**
     * Omit specific fields from the Thing
     */
    omit?: Prisma.ThingOmit<ExtArgs> | null;
    /**
     * Filter which Thing to delete.
     */
    where: Prisma.ThingWhereUniqueInput;
};
/**
 * Thing deleteMany
 */
export type ThingDeleteManyArgs<ExtArgs extends runtime.Types.Extensions.InternalArgs = runtime.Types.Extensions.DefaultArgs> = {
    /**
     * Filter which Things to delete
     */
    where?: Prisma.ThingWhereInput;
    /**
     * Limit how many Things to delete.
     */
    limit?: number;
};
/**
 * Thing without action
 */
export type ThingDefaultArgs<ExtArgs extends runtime.Types.Extensions.InternalArgs = runtime.Types.Extensions.DefaultArgs> = {
    /**
     * Select specific fields to fetch from the Thing
     */
    select?: Prisma.ThingSelect<ExtArgs> | null;
    /**
     * Omit specific fields from the Thing
     */
    omit?: Prisma.ThingOmit<ExtArgs> | null;
};
